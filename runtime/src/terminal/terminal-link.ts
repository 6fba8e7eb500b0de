/**
 * The server's (and the prover's) end of a sandbox's terminals. It listens; the terminal host inside dials in.
 * One connected host is live, the newest that greets properly; its end ends all viewers, whose pages attach again.
 */
import { rm } from 'node:fs/promises'
import { createServer, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { WorkbookError } from '../model/workbook-error.ts'
import { HostConnection } from './host-connection.ts'
import { Done, Ended, Failure, HostedTerminal, parseMessage } from './host-messages.ts'
import { type TerminalSink, Viewer } from './link-viewer.ts'
import {
  allocateFrame,
  bytesFrame,
  type Frame,
  FrameType,
  HEADER_BYTES,
  jsonFrame,
  MAX_FRAME_BYTES,
} from './wire.ts'

export interface Place {
  /** Sequence number to go on at; null for a fresh page. */
  readonly from: number | null
  /** The terminal instance that `from` was counted in. */
  readonly instance: string | null
  /** What the page has room for; null when it does not know yet. */
  readonly cols: number | null
  readonly rows: number | null
}
export const FRESH: Place = { from: null, instance: null, cols: null, rows: null }

export interface LinkOptions {
  /** Starts the terminal host again; asked when one is wanted and none is there. With `replace` also where one runs that does not dial in. */
  readonly revive?: (options: { replace: boolean }) => Promise<void>
  /** Why a connection was dropped: something inside the sandbox misbehaves. */
  readonly log?: (words: string) => void
}

/** Connections that have not greeted yet. */
const MAX_STRANGERS = 4
/** Pages at one sandbox's terminals, all tabs of all browsers together. */
const MAX_VIEWERS = 64
/** Time (ms) for the host to dial in before one is started where none runs, before another takes its place, and in all. */
const REVIVE_AFTER_MS = 400
const REPLACE_AFTER_MS = 8_000
const CONNECT_TIMEOUT_MS = 20_000
const REQUEST_TIMEOUT_MS = 15_000

interface Waiting {
  readonly resolve: (end: number) => void
  readonly reject: (error: Error) => void
}

export class TerminalLink {
  readonly #options: LinkOptions
  readonly #server: Server
  readonly #strangers = new Set<HostConnection>()
  readonly #viewers = new Map<number, Viewer>()
  readonly #requests = new Map<number, Waiting>()
  readonly #terminals = new Map<string, HostedTerminal>()
  readonly #activity = new Set<(name: string) => void>()
  readonly #changes = new Set<() => void>()
  #host: HostConnection | null = null
  #reviving: Promise<void> | null = null
  #lastId = 0
  #stopped = false

  private constructor(options: LinkOptions) {
    this.#options = options
    this.#server = createServer((socket) => this.#accept(socket))
  }

  /**
   * Listens at `socketPath`, replacing a socket that a killed server left there. The directory must be the host's own.
   * Everyone may connect: the sandbox's root is an unprivileged user here.
   * @throws Error of listen(2)
   */
  static async listen(socketPath: string, options: LinkOptions = {}): Promise<TerminalLink> {
    const link = new TerminalLink(options)
    await rm(socketPath, { force: true })
    await new Promise<void>((resolve, reject) => {
      link.#server.once('error', reject)
      link.#server.listen({ path: socketPath, readableAll: true, writableAll: true }, resolve)
    })
    return link
  }

  get connected(): boolean {
    return this.#host !== null
  }

  /** @throws WorkbookError `terminals-away` when no terminal host came in time. */
  async whenConnected(timeoutMs = CONNECT_TIMEOUT_MS): Promise<void> {
    if (this.#host) return
    const waiting = new AbortController()
    const since = performance.now()
    const revive = setInterval(
      () => this.#revive(performance.now() - since > REPLACE_AFTER_MS),
      REVIVE_AFTER_MS,
    )
    const stopListening = this.onChange(() => (this.#host || this.#stopped) && waiting.abort())
    await sleep(timeoutMs, undefined, { signal: waiting.signal }).catch(() => {})
    stopListening()
    clearInterval(revive)
    if (!this.#host) throw away()
  }

  /** Opens a terminal unless it is open. @throws WorkbookError `no-shell`, `terminals-away` */
  async open(name: string, { cols, rows }: { cols: number; rows: number }): Promise<void> {
    await this.whenConnected()
    await this.#ask(FrameType.open, { name, cols, rows })
  }

  /**
   * A page at a terminal, which is opened when it is not. What it may see begins with `sink.attached`.
   * @throws WorkbookError `terminals-away`, `too-many-pages`
   */
  attach(name: string, place: Place, sink: TerminalSink): Viewer {
    if (!this.#host) throw away()
    if (this.#viewers.size >= MAX_VIEWERS) throw tooManyPages()
    const host = this.#host
    const id = this.#nextId()
    const viewer = new Viewer({
      ...{ id, name, sink, send: (frame) => host.send(frame) },
      onDetach: () => this.#viewers.delete(id),
    })
    this.#viewers.set(id, viewer)
    host.send(jsonFrame(FrameType.attach, id, { name, ...place }))
    return viewer
  }

  /** Types, whoever looks. Resolves when the pty has taken all of it. @throws WorkbookError `no-shell`, `terminals-away` */
  async write(name: string, bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; at += MAX_FRAME_BYTES - 1) {
      const part = bytes.subarray(at, at + MAX_FRAME_BYTES - 1)
      await this.#request((id) => {
        const frame = allocateFrame(FrameType.type, id, 1 + part.length)
        frame[HEADER_BYTES] = name.charCodeAt(0)
        frame.set(part, HEADER_BYTES + 1)
        return frame
      })
    }
  }

  /** @returns the sequence number up to which everything the programs have written so far is on its way to the viewers. */
  settled(name: string): Promise<number> {
    return this.#request((id) => bytesFrame(FrameType.sync, id, Buffer.from(name)))
  }

  /** A new shell in place of the terminal's old one. @throws WorkbookError `no-shell`, `terminals-away` */
  async restart(name: string): Promise<void> {
    await this.whenConnected()
    await this.#ask(FrameType.restart, { name })
  }

  /** Ends the shell and forgets the terminal. */
  async close(name: string): Promise<void> {
    if (!this.#host) return
    await this.#ask(FrameType.close, { name })
    this.#terminals.delete(name)
    for (const viewer of [...this.#viewers.values()]) {
      if (viewer.name !== name) continue
      this.#viewers.delete(viewer.id)
      viewer.lost()
    }
    this.#changed()
  }

  /** Terminal name to the shell's pid inside the sandbox. As the host says: it may lie. */
  shells(): ReadonlyMap<string, number> {
    return new Map(
      [...this.#terminals.values()].filter(({ ended }) => !ended).map(({ name, pid }) => [name, pid]),
    )
  }

  /** Names of the open terminals, those included whose shell has ended. */
  terminals(): string[] {
    return [...this.#terminals.keys()].sort()
  }

  /** Called with a terminal's name when it has put something out. @returns how to stop listening. */
  onActivity(listener: (name: string) => void): () => void {
    this.#activity.add(listener)
    return () => this.#activity.delete(listener)
  }

  /** Called when a terminal was opened, ended or closed, or the host came or went. @returns how to stop listening. */
  onChange(listener: () => void): () => void {
    this.#changes.add(listener)
    return () => this.#changes.delete(listener)
  }

  /** Stops listening and lets go of the host, whose shells live on. */
  async stop(): Promise<void> {
    if (this.#stopped) return
    this.#stopped = true
    this.#changed()
    const closed = new Promise((resolve) => this.#server.close(resolve))
    for (const connection of [...this.#strangers, this.#host]) connection?.drop('the link was stopped')
    await closed
  }

  #accept(socket: Socket): void {
    if (this.#strangers.size >= MAX_STRANGERS) {
      socket.destroy()
      return
    }
    const connection = new HostConnection(socket, {
      onHello: (greeter, terminals) => this.#welcome(greeter, terminals),
      onFrame: (frame) => this.#receive(connection, frame),
      onClose: (closed, reason) => this.#farewell(closed, reason),
    })
    this.#strangers.add(connection)
  }

  #welcome(connection: HostConnection, terminals: readonly HostedTerminal[]): void {
    this.#strangers.delete(connection)
    const older = this.#host
    if (older) {
      this.#letGo()
      older.drop('a newer terminal host came')
    }
    this.#host = connection
    for (const terminal of terminals) this.#terminals.set(terminal.name, terminal)
    this.#changed()
  }

  #farewell(connection: HostConnection, reason: string | null): void {
    this.#strangers.delete(connection)
    if (reason !== null && !this.#stopped)
      this.#options.log?.(`A terminal host's connection was dropped: ${reason}`)
    if (connection === this.#host) this.#letGo()
  }

  #letGo(): void {
    this.#host = null
    this.#terminals.clear()
    const viewers = [...this.#viewers.values()]
    this.#viewers.clear()
    for (const viewer of viewers) viewer.lost()
    const requests = [...this.#requests.values()]
    this.#requests.clear()
    for (const { reject } of requests) reject(away())
    this.#changed()
  }

  #receive(connection: HostConnection, { type, viewer, payload }: Frame): void {
    if (connection !== this.#host) return
    if (type === FrameType.activity) this.#noteActivity(payload)
    else if (type === FrameType.opened) this.#noteTerminal(parseMessage(HostedTerminal, payload))
    else if (type === FrameType.ended) {
      const terminal = this.#terminals.get(parseMessage(Ended, payload).name)
      if (terminal) this.#noteTerminal({ ...terminal, ended: true })
    } else if (this.#requests.has(viewer)) this.#answer(viewer, type, payload)
    else this.#viewers.get(viewer)?.receive({ type, viewer, payload }) // none: it has just detached
  }

  #noteActivity(payload: Buffer): void {
    const name = String.fromCharCode(payload[0] ?? 0)
    if (this.#terminals.has(name)) for (const listener of this.#activity) listener(name)
  }

  #noteTerminal(terminal: HostedTerminal): void {
    this.#terminals.set(terminal.name, terminal)
    this.#changed()
  }

  #answer(id: number, type: number, payload: Buffer): void {
    const { resolve, reject } = this.#requests.get(id)!
    this.#requests.delete(id)
    if (type === FrameType.done) resolve(parseMessage(Done, payload).end)
    else reject(noShell(parseMessage(Failure, payload)))
  }

  #ask(type: FrameType, message: object): Promise<number> {
    return this.#request((id) => jsonFrame(type, id, message))
  }

  #request(frame: (id: number) => Buffer): Promise<number> {
    const host = this.#host
    if (!host) return Promise.reject(away())
    const id = this.#nextId()
    return new Promise<number>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#requests.delete(id)
        reject(away())
      }, REQUEST_TIMEOUT_MS)
      const settle =
        <T>(then: (value: T) => void) =>
        (value: T) => {
          clearTimeout(timer)
          then(value)
        }
      this.#requests.set(id, { resolve: settle(resolve), reject: settle(reject) })
      host.send(frame(id))
    })
  }

  #revive(replace: boolean): void {
    const { revive, log } = this.#options
    if (!revive || this.#reviving) return
    this.#reviving = revive({ replace })
      .catch((error) => log?.(`The terminal host could not be started: ${error.message}`))
      .then(() => sleep(1_000, undefined, { ref: false }))
      .finally(() => {
        this.#reviving = null
      })
  }

  #nextId(): number {
    this.#lastId = (this.#lastId % 0xffff_ffff) + 1
    return this.#lastId
  }

  #changed(): void {
    for (const listener of this.#changes) listener()
  }
}

function away(): WorkbookError {
  return new WorkbookError({
    code: 'terminals-away',
    expected: "the sandbox's terminal host to be connected",
    found: 'none',
    remedy: 'Restart the terminal; if that does not help, reset the sandbox.',
  })
}

function tooManyPages(): WorkbookError {
  return new WorkbookError({
    code: 'too-many-pages',
    expected: `at most ${MAX_VIEWERS} pages at the terminals of one sandbox`,
    found: 'one more',
    remedy: 'Close some of them.',
  })
}

function noShell({ code, message }: Failure): WorkbookError {
  return new WorkbookError({ code, expected: 'a shell in this terminal', found: 'none', remedy: message })
}
