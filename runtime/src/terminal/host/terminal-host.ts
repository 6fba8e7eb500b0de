/** All terminals of one sandbox, and what the server may ask of them. */
import type { Socket } from 'node:net'
import { MAX_TERMINALS, TERMINAL_NAME } from '../../model/terminal-limits.ts'
import {
  allocateFrame,
  type Frame,
  FrameReader,
  FrameType,
  HEADER_BYTES,
  jsonFrame,
  LINK_VERSION,
  readSequence,
  writeSequence,
} from '../wire.ts'
import { HostTerminal } from './host-terminal.ts'
import { Outlet } from './outlet.ts'
import { type AttachRequest, type Size, Viewer } from './viewer.ts'

const DEFAULT_SIZE: Size = { cols: 80, rows: 24 }
/** Activity is told at most this often (ms) for each terminal. */
const ACTIVITY_MS = 25
const NO_SHELL =
  'No new shell could be started: the sandbox may have as many processes as it is allowed. Stop all processes, then try again.'

export class TerminalHost {
  readonly #terminals = new Map<string, HostTerminal>()
  readonly #viewers = new Map<number, Viewer>()
  readonly #outlet = new Outlet()
  readonly #activityTimers = new Map<string, NodeJS.Timeout>()
  readonly #events = {
    onActivity: (terminal: HostTerminal) => this.#noteActivity(terminal),
    onEnded: (terminal: HostTerminal) => {
      if (this.#terminals.get(terminal.name) === terminal)
        this.#outlet.send(jsonFrame(FrameType.ended, 0, { name: terminal.name }))
    },
  }

  /** Takes over a connection that the server has accepted; the terminals stay when it ends. */
  serve(socket: Socket): void {
    const reader = new FrameReader((frame) => this.#obey(frame))
    this.#outlet.connect(socket)
    this.#outlet.send(jsonFrame(FrameType.hello, 0, this.#hello()))
    socket.on('data', (chunk: Buffer) => reader.push(chunk))
    socket.on('drain', () => {
      for (const viewer of this.#viewers.values()) viewer.pump()
    })
    socket.on('close', () => {
      this.#outlet.connect(null)
      for (const id of [...this.#viewers.keys()]) this.#detach(id)
    })
  }

  #hello(): object {
    const terminals = [...this.#terminals.values()].map((terminal) => describe(terminal))
    return { version: LINK_VERSION, terminals }
  }

  #obey({ type, viewer: id, payload }: Frame): void {
    const viewer = this.#viewers.get(id)
    if (type === FrameType.input) viewer?.terminal?.input(viewer, Buffer.from(payload))
    else if (type === FrameType.ack) viewer?.terminal?.acknowledge(viewer, readSequence(payload, 0))
    else if (type === FrameType.resize) {
      const size = { cols: payload.readUInt16BE(0), rows: payload.readUInt16BE(2) }
      if (viewer) viewer.size = size
      if (viewer) viewer.terminal?.resize(viewer, size)
    } else if (type === FrameType.attach) this.#attach(id, JSON.parse(payload.toString()))
    else if (type === FrameType.detach) this.#detach(id)
    else if (type === FrameType.type) this.#type(id, payload)
    else if (type === FrameType.sync) this.#sync(id, payload)
    else this.#change(type, id, JSON.parse(payload.toString()))
  }

  #change(type: number, request: number, { name, cols, rows }: { name: string } & Size): void {
    const terminal = this.#terminals.get(name)
    let open = true
    if (type === FrameType.open) open = Boolean(terminal ?? this.#open(name, { cols, rows }))
    else if (type === FrameType.restart) open = Boolean(this.#open(name, terminal?.size ?? DEFAULT_SIZE))
    else if (type === FrameType.close && terminal) {
      this.#terminals.delete(name)
      for (const viewer of this.#viewersOf(name)) this.#viewers.delete(viewer.id)
      terminal.destroy()
    }
    if (open) this.#done(request, name)
    else this.#refuse(request)
  }

  /** A new shell, in place of the one that has the name; who looked at that one looks at the new one. */
  #open(name: string, size: Size): HostTerminal | null {
    if (!TERMINAL_NAME.test(name) || this.#terminals.size >= MAX_TERMINALS + 1) return null
    const old = this.#terminals.get(name)
    old?.destroy() // first: its process may be the one there was no room for
    this.#terminals.delete(name)
    try {
      const terminal = new HostTerminal(name, size, this.#events)
      this.#terminals.set(name, terminal)
      this.#outlet.send(jsonFrame(FrameType.opened, 0, describe(terminal)))
      for (const viewer of this.#viewersOf(name)) terminal.add(viewer, old ? -1 : null)
      return terminal
    } catch {
      for (const viewer of this.#viewersOf(name)) viewer.terminal = null
      return null
    }
  }

  #attach(id: number, request: AttachRequest): void {
    const { name, from, instance } = request
    const viewer = new Viewer(id, request, this.#outlet)
    const found = this.#terminals.get(name)
    this.#viewers.set(id, viewer)
    // Nobody else's terminal: the ring of another instance has nothing to do with the page's place.
    if (found) found.add(viewer, from !== null && instance !== found.instance ? -1 : from)
    else if (!this.#open(name, viewer.size ?? DEFAULT_SIZE)) viewer.tellFailure('no-shell', NO_SHELL)
  }

  #detach(id: number): void {
    const viewer = this.#viewers.get(id)
    this.#viewers.delete(id)
    if (viewer) viewer.terminal?.remove(viewer)
  }

  #type(request: number, payload: Buffer): void {
    const name = String.fromCharCode(payload[0]!)
    const terminal = this.#terminals.get(name)
    if (!terminal || terminal.ended) this.#refuse(request)
    else terminal.write(Buffer.from(payload.subarray(1)), () => this.#done(request, name))
  }

  #sync(request: number, payload: Buffer): void {
    const name = String.fromCharCode(payload[0]!)
    this.#terminals.get(name)?.settle()
    this.#done(request, name)
  }

  #done(request: number, name: string): void {
    const end = this.#terminals.get(name)?.ring.end ?? 0
    this.#outlet.send(jsonFrame(FrameType.done, request, { end }))
  }

  #refuse(request: number): void {
    this.#outlet.send(jsonFrame(FrameType.failure, request, { code: 'no-shell', message: NO_SHELL }))
  }

  #viewersOf(name: string): Viewer[] {
    return [...this.#viewers.values()].filter((viewer) => viewer.name === name)
  }

  /** At once, then at most every ACTIVITY_MS, and once more at the end of a burst. */
  #noteActivity(terminal: HostTerminal, since = 0): void {
    if (this.#activityTimers.has(terminal.name) || terminal.ring.end === since) return
    const { end } = terminal.ring
    const frame = allocateFrame(FrameType.activity, 0, 9)
    frame[HEADER_BYTES] = terminal.name.charCodeAt(0)
    writeSequence(frame, HEADER_BYTES + 1, end)
    this.#outlet.send(frame)
    const again = () => {
      this.#activityTimers.delete(terminal.name)
      if (this.#terminals.get(terminal.name) === terminal) this.#noteActivity(terminal, end)
    }
    this.#activityTimers.set(terminal.name, setTimeout(again, ACTIVITY_MS))
  }
}

function describe({ name, pid, instance, ended }: HostTerminal): object {
  return { name, pid, instance, ended: ended !== null }
}
