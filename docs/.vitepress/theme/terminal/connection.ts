/**
 * The page's end of one terminal's socket: comes back by itself and goes on where it was.
 * Knows no DOM, no Vue and no xterm, so that it runs under Node in tests.
 */
import { decodeOutput, MAX_PAYLOAD, TerminalEvent } from '@docker-internals/sandbox-server/protocol'
import * as v from 'valibot'
import { backoff } from '../workbook/backoff.ts'
import { clampSize, isSameSize, type Place, type Size } from './place.ts'
import { type Screen, ScreenFeed } from './screen-feed.ts'

/** What of WebSocket is used, with `binaryType` "arraybuffer". */
export interface TerminalSocket {
  readonly readyState: number
  send(message: string | Uint8Array<ArrayBuffer>): void
  close(): void
  onmessage: ((event: { data: unknown }) => void) | null
  onclose: ((event: { code: number }) => void) | null
  onerror: ((event: never) => void) | null
}

/**
 * `connecting` until the screen shows what the shell has written so far; `attached`: what is typed arrives.
 * `retryAt`: when (ms since the epoch) the next attempt begins; null while it is under way or none will follow.
 */
export type TerminalState =
  | { readonly is: 'connecting' | 'attached' }
  | { readonly is: 'lost'; readonly retryAt: number | null }
  | { readonly is: 'ended'; readonly code: number; readonly signal: number | null }
  | { readonly is: 'failed'; readonly message: string }

export interface TerminalSink extends Screen {
  /** The size to draw at: this page's own, or that of the page in use. */
  resize(size: Size): void
  state(state: TerminalState): void
}

export interface TerminalOptions {
  readonly connect: (place: Place) => TerminalSocket
  /** Asked before every attempt but the first. False means that trying again is of no use. */
  readonly worthTrying?: () => Promise<boolean>
  readonly sink: TerminalSink
  readonly random?: () => number
}

const OPEN = 1
/** The server's word for "this terminal is another one now". RFC 6455's registry: service restart. */
const DIAL_AGAIN = 1012
/** While a person drags an edge, programs are told of the size this often (ms) at most. */
const RESIZE_MS = 80
/** Longer input is sent in parts (bytes), each a message the other side accepts. */
const INPUT_BYTES = MAX_PAYLOAD / 2

export class TerminalConnection {
  readonly #options: TerminalOptions
  readonly #feed: ScreenFeed
  #socket: TerminalSocket | null = null
  #state: TerminalState = { is: 'connecting' }
  #attached = false
  #instance: string | null = null
  /** What this page has room for. */
  #own: Size | null = null
  /** What the server last heard from this page. */
  #told: Size | null = null
  #inForce: Size | null = null
  #failures = 0
  #stopped = false
  #retryTimer: ReturnType<typeof setTimeout> | undefined
  #resizeTimer: ReturnType<typeof setTimeout> | undefined

  constructor(options: TerminalOptions) {
    this.#options = options
    this.#feed = new ScreenFeed(
      options.sink,
      (seq) => this.#request({ type: 'ack', seq }),
      () => this.#announce(),
    )
  }

  start(): void {
    this.#options.sink.state(this.#state)
    this.#dial()
  }

  /** For good. */
  stop(): void {
    this.#stopped = true
    clearTimeout(this.#retryTimer)
    clearTimeout(this.#resizeTimer)
    this.#feed.stop()
    this.#socket?.close()
  }

  /** Does not wait for the rest of the back-off. @returns false when there is a connection already. */
  retryNow(): boolean {
    if (this.#stopped || this.#socket) return false
    clearTimeout(this.#retryTimer)
    void this.#retry()
    return true
  }

  /** Sends input once and never again. @returns false when there is no connection: it is then dropped. */
  type(input: string | Uint8Array): boolean {
    if (!this.#attached || this.#socket?.readyState !== OPEN) return false
    const bytes = typeof input === 'string' ? new TextEncoder().encode(input) : Uint8Array.from(input)
    for (let at = 0; at < bytes.length; at += INPUT_BYTES)
      this.#socket.send(bytes.subarray(at, at + INPUT_BYTES))
    this.#draw(this.#own) // the other side, too, now takes the size of the page that types
    return true
  }

  /** What the terminal emulator wants to send: keys, but also answers to queries, which replay must not give again. */
  typeFromScreen(input: string): void {
    if (this.#feed.isReplaying && isAnswer(input)) return
    this.type(input)
  }

  /** How much room this page has. The page that says so is the one in use. */
  resize(size: Size): void {
    const own = clampSize(size)
    if (isSameSize(own, this.#own)) return
    this.#own = own
    this.#draw(own)
    this.#resizeTimer ??= setTimeout(() => {
      this.#resizeTimer = undefined
      this.#tellSize()
    }, RESIZE_MS)
  }

  /** Somebody is at this page: its size holds from now on. */
  use(): void {
    if (!isSameSize(this.#own, this.#inForce)) this.#tellSize()
  }

  #dial(): void {
    const from = this.#instance === null ? null : this.#feed.received
    const socket = this.#options.connect({ from, instance: this.#instance, size: this.#own })
    this.#socket = socket
    this.#told = this.#own
    socket.onmessage = ({ data }) => this.#take(socket, data)
    socket.onerror = () => {} // a close follows
    socket.onclose = ({ code }) => this.#close(code)
  }

  #take(socket: TerminalSocket, data: unknown): void {
    if (socket !== this.#socket || this.#stopped) return
    try {
      if (typeof data === 'string') this.#obey(data)
      else if (data instanceof ArrayBuffer) this.#output(new Uint8Array(data))
    } catch {
      socket.close() // it breaks the protocol; the next one begins with an agreement on where we are
    }
  }

  #obey(text: string): void {
    const parsed = v.safeParse(TerminalEvent, JSON.parse(text))
    if (!parsed.success) return // a newer server may say more than we know
    const event = parsed.output
    if (event.type === 'attached') this.#attach(event)
    else if (event.type === 'size') this.#draw({ cols: event.cols, rows: event.rows })
    else if (event.type === 'exit') this.#setState({ is: 'ended', code: event.code, signal: event.signal })
    else this.#setState({ is: 'failed', message: event.message })
  }

  /** Comes first on every connection, and again after a restart of the shell or a gap. */
  #attach({ instance, from, live, gap, modes, cols, rows }: Extract<TerminalEvent, { type: 'attached' }>) {
    const goesOn = instance === this.#instance && !gap && from === this.#feed.received
    this.#instance = instance
    this.#attached = true
    this.#failures = 0
    if (this.#state.is !== 'connecting') this.#setState({ is: 'connecting' })
    if (isSameSize(this.#own, this.#told)) this.#draw({ cols, rows })
    else this.#tellSize()
    if (goesOn) this.#feed.resume(live)
    else this.#feed.restart(from, live, modes)
    this.#announce()
  }

  #output(frame: Uint8Array): void {
    if (!this.#attached) return
    const { seq, bytes } = decodeOutput(frame)
    // A failure that was about one moment ("input is full") is over when the program goes on.
    if (this.#state.is === 'failed') this.#setState({ is: 'attached' })
    this.#feed.take(seq, bytes)
  }

  /** A shell that has written nothing yet does not read either: what is typed for a learner would be echoed twice. */
  #announce(): void {
    const isUp = this.#attached && this.#feed.received > 0 && !this.#feed.isReplaying
    if (isUp && this.#state.is === 'connecting') this.#setState({ is: 'attached' })
  }

  #close(code: number): void {
    const wasAttached = this.#attached
    this.#socket = null
    this.#attached = false
    if (this.#stopped) return
    if (code === DIAL_AGAIN && wasAttached) {
      this.#setState({ is: 'connecting' })
      this.#dial()
      return
    }
    // A refusal was explained: asking again and again would start sandboxes that fail again and again.
    if (this.#state.is === 'failed' && !wasAttached) return
    this.#failures += 1
    const ms = backoff(this.#failures, this.#options.random)
    this.#setState({ is: 'lost', retryAt: Date.now() + ms })
    this.#retryTimer = setTimeout(() => void this.#retry(), ms)
  }

  async #retry(): Promise<void> {
    this.#setState({ is: 'lost', retryAt: null })
    const worthTrying = await (this.#options.worthTrying?.() ?? true)
    if (this.#stopped || this.#socket) return
    if (worthTrying) this.#dial()
  }

  #setState(state: TerminalState): void {
    this.#state = state
    this.#options.sink.state(state)
  }

  #draw(size: Size | null): void {
    if (!size || isSameSize(size, this.#inForce)) return
    this.#inForce = size
    this.#options.sink.resize(size)
  }

  #tellSize(): void {
    if (!this.#own || !this.#attached) return
    this.#told = this.#own
    this.#request({ type: 'resize', ...this.#own })
    this.#draw(this.#own)
  }

  #request(request: { type: 'ack'; seq: number } | { type: 'resize'; cols: number; rows: number }): void {
    if (this.#attached && this.#socket?.readyState === OPEN) this.#socket.send(JSON.stringify(request))
  }
}

/** Answers are escape sequences; keys that are, too (arrows), can be pressed again a moment later. */
function isAnswer(input: string): boolean {
  return input.length > 1 && input.startsWith('\x1b')
}
