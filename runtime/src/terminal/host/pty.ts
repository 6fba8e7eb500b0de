/**
 * One pseudo-terminal with a program in it, over node-pty's native part alone.
 *
 * Its JavaScript part has faults that are avoided here (node-pty 1.1.0):
 * - What a program writes just before it exits is lost when the last slave closes: libuv takes the hang-up for the end
 *   of the stream. We hold the slave open until the program has exited, then read to the bottom ourselves.
 * - A write that waits can reach the next terminal, which gets the same descriptor number. What waits here is forgotten
 *   before the number is free, and every write is one system call that does not wait. (Node's own stream does: libuv
 *   writes to a pty master in a loop until it takes the bytes, and the whole host stands still meanwhile.)
 * - A terminal that is paused when its program exits is closed 250 ms later, unread. Reading to the bottom ignores the pause.
 */
import { closeSync, constants, openSync, readSync, writeSync } from 'node:fs'
import { createRequire } from 'node:module'
import { ReadStream } from 'node:tty'

interface Native {
  fork(
    file: string,
    argv: string[],
    env: string[],
    cwd: string,
    cols: number,
    rows: number,
    uid: number,
    gid: number,
    utf8: boolean,
    helper: string,
    onExit: (code: number, signal: number) => void,
  ): { fd: number; pid: number; pty: string }
  resize(fd: number, cols: number, rows: number): void
}

/** The bundle has node-pty's `pty.node` beside it. */
const native: Native = createRequire(import.meta.url)('./pty.node')

const READ_BYTES = 64 * 1024
/** First and longest pause (ms) until a program that does not read its input is offered it again. */
const FIRST_PAUSE_MS = 2
const LONGEST_PAUSE_MS = 50
/** Background jobs may hold the terminal and go on writing after the shell has exited: the bottom is then never reached. */
const MAX_DRAIN_BYTES = 256 * 1024

export interface PtyOptions {
  readonly file: string
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string
  readonly cols: number
  readonly rows: number
  /** The chunk is overwritten by the next read. */
  readonly onData: (chunk: Buffer) => void
  /** After the last onData. `signal` is 0 when it exited by itself. */
  readonly onExit: (code: number, signal: number) => void
}

export class Pty {
  readonly pid: number
  readonly #fd: number
  readonly #stream: ReadStream
  readonly #buffer = Buffer.allocUnsafe(READ_BYTES)
  readonly #onData: (chunk: Buffer) => void
  readonly #unwritten: { bytes: Uint8Array; done: () => void }[] = []
  #retry: NodeJS.Timeout | undefined
  #slave: number | null
  #paused = false
  #gone = false

  /** @throws Error when no process or no pty can be made (EAGAIN, ENOSPC). */
  constructor(options: PtyOptions) {
    const { file, argv, env, cwd, cols, rows, onData, onExit } = options
    this.#onData = onData
    const environment = Object.entries(env).map(([name, value]) => `${name}=${value}`)
    const forked = native.fork(
      file,
      [...argv],
      environment,
      cwd,
      cols,
      rows,
      -1,
      -1,
      true,
      '',
      (code, signal) => {
        if (this.#gone) return
        this.#stream.pause()
        this.drain()
        this.destroy()
        onExit(code, signal)
      },
    )
    this.pid = forked.pid
    this.#fd = forked.fd
    this.#slave = openSlave(forked.pty)
    // With a buffer of our own a pause takes effect at once and nothing waits in a queue in between.
    this.#stream = new ReadStream(this.#fd, {
      onread: {
        buffer: this.#buffer,
        callback: (length) => {
          onData(this.#buffer.subarray(0, length))
          return !this.#paused
        },
      },
    })
    this.#stream.on('error', () => {}) // EIO: the slave is gone; the exit follows
    this.#stream.resume()
  }

  /** Bytes that wait until the program reads. */
  get unwritten(): number {
    return this.#unwritten.reduce((sum, { bytes }) => sum + bytes.length, 0)
  }

  write(bytes: Uint8Array, done: () => void): void {
    if (this.#gone) {
      done()
      return
    }
    this.#unwritten.push({ bytes, done })
    if (this.#unwritten.length === 1) this.#writeOut(FIRST_PAUSE_MS)
  }

  resize(cols: number, rows: number): void {
    if (!this.#gone) native.resize(this.#fd, cols, rows)
  }

  pause(): void {
    if (this.#paused || this.#gone) return
    this.#paused = true
    this.#stream.pause()
  }

  resume(): void {
    if (!this.#paused || this.#gone) return
    this.#paused = false
    this.#stream.resume()
  }

  /**
   * Reads all that was written to the terminal before this call, paused or not.
   * EAGAIN proves the bottom: n_tty_read() flushes the line discipline's queue before it says so.
   */
  drain(): void {
    if (this.#gone) return
    const buffer = Buffer.allocUnsafe(READ_BYTES)
    for (let drained = 0; drained < MAX_DRAIN_BYTES; ) {
      const length = readOrNothing(this.#fd, buffer)
      if (length === 0) return
      drained += length
      this.#onData(buffer.subarray(0, length))
    }
  }

  /** Closing the master hangs the session up: SIGHUP to the shell and the foreground. */
  destroy(): void {
    if (this.#gone) return
    this.#gone = true
    clearTimeout(this.#retry)
    for (const { done } of this.#unwritten.splice(0)) done()
    if (this.#slave !== null) closeSync(this.#slave)
    this.#slave = null
    this.#stream.destroy()
  }

  #writeOut(pause: number): void {
    for (let next = this.#unwritten[0]; next; next = this.#unwritten[0]) {
      const written = writeWhatFits(this.#fd, next.bytes)
      if (written === next.bytes.length) {
        this.#unwritten.shift()
        next.done()
      } else {
        this.#unwritten[0] = { ...next, bytes: next.bytes.subarray(written) }
        if (written > 0) continue
        const longer = Math.min(2 * pause, LONGEST_PAUSE_MS)
        this.#retry = setTimeout(() => this.#writeOut(longer), pause)
        return
      }
    }
  }

  kill(signal: NodeJS.Signals): void {
    try {
      process.kill(this.pid, signal)
    } catch {
      // it has ended
    }
  }
}

/** Null when the learner has taken /dev/pts away: then the last output may be lost, and nothing worse. */
function openSlave(path: string): number | null {
  try {
    return openSync(path, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK)
  } catch {
    return null
  }
}

function readOrNothing(fd: number, buffer: Buffer): number {
  try {
    return readSync(fd, buffer)
  } catch {
    return 0 // EAGAIN: empty; EIO: hung up
  }
}

function writeWhatFits(fd: number, bytes: Uint8Array): number {
  try {
    return writeSync(fd, bytes)
  } catch (error) {
    // EAGAIN: full. Anything else (EIO): nobody will ever read it.
    return (error as NodeJS.ErrnoException).code === 'EAGAIN' ? 0 : bytes.length
  }
}
