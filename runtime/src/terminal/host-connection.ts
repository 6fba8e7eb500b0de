/**
 * One accepted connection of something that says it is the terminal host. It is dropped for the first frame that breaks a
 * rule: size, shape, rate. What it can cost the server is bounded by one unfinished frame and each viewer's window.
 */
import type { Socket } from 'node:net'
import { Hello, type HostedTerminal, parseMessage } from './host-messages.ts'
import { RateLimit } from './rate-limit.ts'
import { type Frame, FrameReader, FrameType } from './wire.ts'

/** A connection that has not said who it is after this long (ms) is dropped. */
const HELLO_TIMEOUT_MS = 2_000
/** Frames: an honest host sends at most a flush a millisecond at full speed, and one an echo. */
const FRAMES = { burst: 40_000, perSecond: 10_000 }
/** Bytes that may wait for a host that does not read: more than any paste that is still let through. */
const MAX_WAITING_BYTES = 8 * 1024 * 1024

export interface HostConnectionEvents {
  readonly onHello: (connection: HostConnection, terminals: readonly HostedTerminal[]) => void
  /** After the hello. May throw: the connection is then dropped. */
  readonly onFrame: (frame: Frame) => void
  /** @param reason why it was dropped; null when the other side ended it. */
  readonly onClose: (connection: HostConnection, reason: string | null) => void
}

export class HostConnection {
  readonly #socket: Socket
  readonly #events: HostConnectionEvents
  readonly #frames = new RateLimit(FRAMES)
  readonly #timer: NodeJS.Timeout
  #greeted = false
  #reason: string | null = null

  constructor(socket: Socket, events: HostConnectionEvents) {
    this.#socket = socket
    this.#events = events
    const reader = new FrameReader((frame) => this.#receive(frame))
    this.#timer = setTimeout(() => this.drop('no greeting'), HELLO_TIMEOUT_MS)
    socket.on('data', (chunk: Buffer) => {
      try {
        reader.push(chunk)
      } catch (error) {
        this.drop(error instanceof Error ? error.message : String(error))
      }
    })
    socket.on('error', () => {}) // a close follows
    socket.on('close', () => {
      clearTimeout(this.#timer)
      events.onClose(this, this.#reason)
    })
  }

  send(frame: Buffer): void {
    if (this.#socket.destroyed) return
    this.#socket.write(frame)
    if (this.#socket.writableLength > MAX_WAITING_BYTES) this.drop('does not read')
  }

  drop(reason: string): void {
    this.#reason ??= reason
    this.#socket.destroy()
  }

  #receive(frame: Frame): void {
    if (this.#socket.destroyed) return
    if (!this.#frames.take()) throw new Error('too many frames')
    if (this.#greeted) this.#events.onFrame(frame)
    else {
      if (frame.type !== FrameType.hello) throw new Error(`a frame of type ${frame.type} before the greeting`)
      const { terminals } = parseMessage(Hello, frame.payload)
      this.#greeted = true
      clearTimeout(this.#timer)
      this.#events.onHello(this, terminals)
    }
  }
}
