/** One shell with its pty, its ring and the pages that look at it. A restart makes a new one of the same name. */
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { FLUSH_BYTES, FLUSH_MS, HIGH_WATER, RING_BYTES } from '../../model/terminal-limits.ts'
import { Pty } from './pty.ts'
import { Ring } from './ring.ts'
import { SHELL_ARGV, SHELL_FILE, shellEnvironment } from './shell.ts'
import type { Size, Viewer } from './viewer.ts'

/** A page that went away is expected back: this long (ms) its place is kept, and the program waits rather than push it out of the ring. */
const KEEP_PLACE_MS = 10_000
/** Bytes the program may run ahead of what the page has acknowledged, and where it goes on: what waits in the ring keeps the window full. */
const AHEAD_MOST = HIGH_WATER + 128 * 1024
const AHEAD_AGAIN = HIGH_WATER
/** How far the program may run ahead of a page that is expected back. */
const KEEP_PLACE_BYTES = RING_BYTES - 2 * FLUSH_BYTES
/** Bytes of input that may wait for a program that does not read. */
const MAX_UNWRITTEN = 4 * 1024 * 1024
/** A shell that does not end on SIGHUP is killed after this long (ms). */
const HANGUP_GRACE_MS = 300
/** Time (ms) between the two sizes of a nudge: programs that handle both signals at once would see no change. */
const NUDGE_MS = 40

export interface TerminalEvents {
  /** Output came, whether anybody looks or not. */
  readonly onActivity: (terminal: HostTerminal) => void
  readonly onEnded: (terminal: HostTerminal) => void
}

export class HostTerminal {
  readonly name: string
  readonly instance = randomBytes(6).toString('hex')
  readonly ring = new Ring(RING_BYTES)
  readonly #pty: Pty
  readonly #viewers = new Set<Viewer>()
  readonly #events: TerminalEvents
  #size: Size
  #ended: { code: number; signal: number | null } | null = null
  #place: { acked: number; timer: NodeJS.Timeout } | null = null
  #inputCame = false
  #flushed = 0
  #lastFlush = 0
  #flushTimer: NodeJS.Timeout | undefined

  /** @throws Error when the shell cannot be started. */
  constructor(name: string, size: Size, events: TerminalEvents) {
    this.name = name
    this.#size = size
    this.#events = events
    const env = shellEnvironment(process.env)
    this.#pty = new Pty({
      ...{ file: SHELL_FILE, argv: SHELL_ARGV, env, cwd: env.HOME!, ...size },
      onData: (chunk) => this.#receive(chunk),
      onExit: (code, signal) => this.#end(code, signal),
    })
  }

  get pid(): number {
    return this.#pty.pid
  }

  get size(): Size {
    return this.#size
  }

  get ended(): { code: number; signal: number | null } | null {
    return this.#ended
  }

  add(viewer: Viewer, from: number | null): void {
    this.#viewers.add(viewer)
    this.#forgetPlace()
    if (this.#viewers.size === 1) this.#resizeFor(viewer)
    viewer.attach(this, from)
    this.#regulate()
  }

  remove(viewer: Viewer): void {
    if (!this.#viewers.delete(viewer)) return
    const [left] = this.#viewers
    if (left && this.#viewers.size === 1) {
      this.#resizeFor(left)
      left.tellSize(this.#size)
    }
    if (!left) this.#keepPlace(viewer.acked)
    this.#regulate()
  }

  input(viewer: Viewer, bytes: Uint8Array): void {
    this.#resizeFor(viewer)
    if (!this.write(bytes))
      viewer.tellFailure(
        'input-full',
        'The program in this terminal does not read its input, so the last of it was dropped.',
      )
  }

  /** False when it was dropped, because too much waits already. */
  write(bytes: Uint8Array, done: () => void = () => {}): boolean {
    if (this.#pty.unwritten + bytes.length > MAX_UNWRITTEN) {
      done()
      return false
    }
    this.#inputCame = true
    this.#pty.write(bytes, done)
    return true
  }

  acknowledge(viewer: Viewer, sequence: number): void {
    if (viewer.acknowledge(sequence)) this.#nudge()
    this.#regulate()
  }

  /** The page in use decides the size, and the one that resizes is in use. */
  resize(viewer: Viewer, size: Size): void {
    viewer.size = size
    this.#resizeFor(viewer)
  }

  /** Everything written so far is in the ring, and under way to whoever may have it. */
  settle(): void {
    this.#pty.drain()
    this.flush()
  }

  /** Sends what was gathered. */
  flush(): void {
    clearTimeout(this.#flushTimer)
    this.#flushTimer = undefined
    this.#inputCame = false
    this.#flushed = this.ring.end
    this.#lastFlush = performance.now()
    for (const viewer of this.#viewers) viewer.pump()
  }

  /** Ends the shell; viewers are left to the caller. */
  destroy(): void {
    clearTimeout(this.#flushTimer)
    this.#forgetPlace()
    this.#viewers.clear()
    if (this.#ended) return
    this.#pty.kill('SIGHUP')
    setTimeout(() => this.#pty.kill('SIGKILL'), HANGUP_GRACE_MS).unref()
    this.#pty.destroy()
  }

  #receive(chunk: Buffer): void {
    this.ring.append(chunk)
    const gathered = this.ring.end - this.#flushed
    const isFirst = this.#inputCame || performance.now() - this.#lastFlush >= FLUSH_MS
    if (isFirst || gathered >= FLUSH_BYTES) this.flush()
    else this.#flushTimer ??= setTimeout(() => this.flush(), FLUSH_MS)
    this.#regulate()
    this.#events.onActivity(this)
  }

  #end(code: number, signal: number): void {
    this.#ended = { code, signal: signal || null }
    this.flush()
    this.#events.onEnded(this)
  }

  /**
   * The program may run ahead of the page that is furthest on by AHEAD_MOST, then waits until it has caught up to AHEAD_AGAIN.
   * Pages that are further behind get a gap when the ring moves past them. With nobody there, the program runs freely.
   */
  #regulate(): void {
    let furthest = this.#place?.acked ?? -1
    for (const viewer of this.#viewers) furthest = Math.max(furthest, viewer.acked)
    const ahead = this.ring.end - furthest
    const expected = this.#viewers.size === 0
    if (furthest < 0 || ahead < (expected ? KEEP_PLACE_BYTES : AHEAD_AGAIN)) this.#pty.resume()
    else if (ahead >= (expected ? KEEP_PLACE_BYTES : AHEAD_MOST)) this.#pty.pause()
  }

  #keepPlace(acked: number): void {
    this.#forgetPlace()
    const timer = setTimeout(() => {
      this.#forgetPlace()
      this.#regulate()
    }, KEEP_PLACE_MS)
    this.#place = { acked, timer }
  }

  #forgetPlace(): void {
    clearTimeout(this.#place?.timer)
    this.#place = null
  }

  #resizeFor(viewer: Viewer): void {
    const { size } = viewer
    if (!size || (size.cols === this.#size.cols && size.rows === this.#size.rows)) return
    this.#size = size
    this.#pty.resize(size.cols, size.rows)
    for (const other of this.#viewers) if (other !== viewer) other.tellSize(size)
  }

  /** A fresh page has seen the replay: a program that paints the whole screen paints it again when the size changes. */
  #nudge(): void {
    if (!this.ring.modesAtEnd().alternateScreen && this.#shellIsInFront()) return
    const { cols, rows } = this.#size
    this.#pty.resize(cols, rows > 1 ? rows - 1 : rows + 1)
    setTimeout(() => this.#pty.resize(this.#size.cols, this.#size.rows), NUDGE_MS)
  }

  #shellIsInFront(): boolean {
    try {
      const stat = readFileSync(`/proc/${this.pid}/stat`, 'utf8')
      const [, , group, , , foreground] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      return group === foreground
    } catch {
      return true
    }
  }
}
