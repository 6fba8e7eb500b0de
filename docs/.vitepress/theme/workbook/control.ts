/**
 * The page's end of the control socket: one connection that comes back by itself.
 * Knows no Vue and no globals, so that it runs under Node in tests.
 */
import { ControlEvent, type ControlRequest } from '@docker-internals/sandbox-server/protocol'
import * as v from 'valibot'
import { backoff } from './backoff.ts'

/** What of WebSocket is used; the browser's own and that of `ws` both have it. */
export interface Socket {
  readonly readyState: number
  send(text: string): void
  close(): void
  onopen: ((event: never) => void) | null
  onmessage: ((event: { data: unknown }) => void) | null
  onclose: ((event: never) => void) | null
  onerror: ((event: never) => void) | null
}

export interface ControlOptions {
  readonly connect: () => Socket
  /**
   * Asked before every attempt but the first: a browser does not tell a page why an upgrade was refused.
   * False means that trying again is of no use; the socket then stays closed.
   */
  readonly worthTrying?: () => Promise<boolean>
  readonly onEvent: (event: ControlEvent) => void
  /** `retryAt`: when (ms since the epoch) the next attempt begins. */
  readonly onState: (state: 'connecting' | 'connected' | 'lost', retryAt: number | null) => void
  readonly random?: () => number
}

const OPEN = 1

export class ControlSocket {
  readonly #options: ControlOptions
  #socket: Socket | null = null
  #failures = 0
  #timer: ReturnType<typeof setTimeout> | undefined
  #stopped = false

  constructor(options: ControlOptions) {
    this.#options = options
  }

  start(): void {
    this.#stopped = false
    this.#options.onState('connecting', null)
    this.#dial()
  }

  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
    this.#socket?.close()
  }

  /** Does not wait for the rest of the back-off; nothing happens while a connection stands. */
  retryNow(): void {
    if (this.#stopped || this.#socket) return
    clearTimeout(this.#timer)
    void this.#retry()
  }

  /** False when there is no connection: the request is then dropped, never sent later by surprise. */
  send(request: ControlRequest): boolean {
    if (this.#socket?.readyState !== OPEN) return false
    this.#socket.send(JSON.stringify(request))
    return true
  }

  #dial(): void {
    const socket = this.#options.connect()
    this.#socket = socket
    socket.onmessage = ({ data }) => {
      const event = readEvent(data)
      if (!event) return
      // The connection counts once the server has spoken: one that is accepted and dropped keeps its back-off.
      if (event.type === 'welcome') {
        this.#failures = 0
        this.#options.onState('connected', null)
      }
      this.#options.onEvent(event)
    }
    socket.onerror = () => {} // a close follows
    socket.onclose = () => {
      this.#socket = null
      if (!this.#stopped) this.#wait()
    }
  }

  #wait(): void {
    this.#failures += 1
    const ms = backoff(this.#failures, this.#options.random)
    this.#options.onState('lost', Date.now() + ms)
    this.#timer = setTimeout(() => void this.#retry(), ms)
  }

  async #retry(): Promise<void> {
    this.#options.onState('lost', null)
    const worthTrying = await (this.#options.worthTrying?.() ?? true)
    if (this.#stopped || this.#socket) return
    if (worthTrying) this.#dial()
  }
}

/** Null for what this page does not understand: a newer server may say more than we know. */
function readEvent(data: unknown): ControlEvent | null {
  if (typeof data !== 'string') return null
  try {
    const parsed = v.safeParse(ControlEvent, JSON.parse(data))
    return parsed.success ? parsed.output : null
  } catch {
    return null
  }
}
