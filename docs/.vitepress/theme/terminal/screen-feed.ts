/**
 * Counts the output from the wire to the screen: what has come, what has been parsed, what was acknowledged.
 * Bytes reach the screen once and in order, whatever the connections do.
 */
import { ACK_EVERY } from '@docker-internals/sandbox-server/protocol'

/** The terminal emulator. Both calls take effect in the order they are made; `parsed` is called when it has. */
export interface Screen {
  write(bytes: Uint8Array, parsed: () => void): void
  /** Back to an empty screen without scrollback, then into `modes` (escape sequences). */
  clear(modes: string, parsed: () => void): void
}

/** With nothing more to parse, the rest is acknowledged after this long (ms): not for each echoed key by itself. */
const QUIET_MS = 40

/** While the screen is being cleared, what it still parses is of no instance we know. */
const CLEARING = -1

export class ScreenFeed {
  readonly #screen: Screen
  readonly #acknowledge: (sequence: number) => void
  readonly #onParsed: () => void
  #epoch = 0
  #received = 0
  #parsed = 0
  #acked = 0
  #live = 0
  #quiet: ReturnType<typeof setTimeout> | undefined

  /** @param acknowledge may be called while there is no connection; nothing is lost when it then does nothing. */
  constructor(screen: Screen, acknowledge: (sequence: number) => void, onParsed: () => void) {
    this.#screen = screen
    this.#acknowledge = acknowledge
    this.#onParsed = onParsed
  }

  /** The first byte that has not come yet. */
  get received(): number {
    return this.#received
  }

  /** What the screen parses now was written before it was looked at: its answers to queries were given long ago. */
  get isReplaying(): boolean {
    return this.#parsed < this.#live
  }

  /** Goes on where it was. */
  resume(live: number): void {
    this.#live = live
    this.#acked = this.#received // the other side counts afresh from what was asked for
  }

  /** Starts afresh at `from`, on an empty screen. */
  restart(from: number, live: number, modes: string): void {
    const epoch = ++this.#epoch
    this.#received = this.#acked = from
    this.#live = live
    this.#parsed = CLEARING
    this.#screen.clear(modes, () => this.#advance(epoch, from))
  }

  /** @throws RangeError when bytes between the last ones and these are missing. */
  take(sequence: number, bytes: Uint8Array): void {
    if (sequence > this.#received)
      throw new RangeError(`output goes on at ${sequence}, expected ${this.#received}`)
    const news = bytes.subarray(this.#received - sequence)
    const epoch = this.#epoch
    let at = 0
    while (at < news.length) {
      // Cut where replay ends, so that each piece is one or the other, and short enough to acknowledge on the way.
      const untilLive = this.#live - this.#received
      const most = untilLive > 0 ? Math.min(untilLive, ACK_EVERY) : ACK_EVERY
      const piece = news.subarray(at, at + most)
      at += piece.length
      this.#received += piece.length
      const end = this.#received
      this.#screen.write(piece, () => this.#advance(epoch, end))
    }
  }

  stop(): void {
    clearTimeout(this.#quiet)
    this.#epoch += 1
  }

  #advance(epoch: number, end: number): void {
    if (epoch !== this.#epoch) return
    const wasReplaying = this.isReplaying
    this.#parsed = end
    const replayEnds = wasReplaying && !this.isReplaying
    if (replayEnds || end - this.#acked >= ACK_EVERY) this.#ack()
    else if (end === this.#received && end > this.#acked) {
      clearTimeout(this.#quiet)
      this.#quiet = setTimeout(() => this.#ack(), QUIET_MS)
    }
    this.#onParsed()
  }

  #ack(): void {
    clearTimeout(this.#quiet)
    if (this.#parsed <= this.#acked) return
    this.#acked = this.#parsed
    this.#acknowledge(this.#parsed)
  }
}
