/** The last RING_BYTES of a terminal's output. Positions are sequence numbers: bytes of output since the terminal was opened. */
import { ModeTracker } from './modes.ts'

/** A replay that starts in the middle of a line looks torn; further than this it is not worth looking for the next one. */
const LINE_SEARCH_BYTES = 8 * 1024

export class Ring {
  readonly #bytes: Buffer
  readonly #modes = new ModeTracker()
  #start = 0
  #end = 0

  constructor(capacity: number) {
    this.#bytes = Buffer.alloc(capacity)
  }

  /** Sequence number of the oldest byte kept. */
  get start(): number {
    return this.#start
  }

  /** Sequence number the next byte will have. */
  get end(): number {
    return this.#end
  }

  /** @param chunk at most as long as the ring. */
  append(chunk: Buffer): void {
    const capacity = this.#bytes.length
    const evicted = this.#end + chunk.length - this.#start - capacity
    if (evicted > 0) {
      this.#each(this.#start, evicted, (slice) => this.#modes.feed(slice))
      this.#start += evicted
    }
    const at = this.#end % capacity
    const first = chunk.copy(this.#bytes, at)
    if (first < chunk.length) chunk.copy(this.#bytes, 0, first)
    this.#end += chunk.length
  }

  /** Copies the bytes [from, from + length) into `target`; they must be in the ring. */
  copy(from: number, length: number, target: Buffer, targetAt: number): void {
    let at = targetAt
    this.#each(from, length, (slice) => {
      target.set(slice, at)
      at += slice.length
    })
  }

  /**
   * The first place at or after `start` where a fresh terminal can begin: outside of escape sequences and of UTF-8
   * sequences, at the start of a line where one is near; and the escape sequences that restore the modes in force there.
   */
  beginning(): { from: number; modes: string } {
    const modes = this.#modes.clone()
    if (this.#start === 0) return { from: 0, modes: '' }
    let from = this.#start
    let fallback: { from: number; modes: string } | null = null
    const search = Math.min(this.#end, this.#start + LINE_SEARCH_BYTES)
    for (; from < search; from++) {
      const byte = this.#at(from)
      const isContinuation = (byte & 0xc0) === 0x80
      if (!fallback && modes.isGround && !isContinuation) fallback = { from, modes: modes.restore() }
      modes.feed(Uint8Array.of(byte))
      if (byte === 0x0a && modes.isGround) return { from: from + 1, modes: modes.restore() }
    }
    return fallback ?? { from, modes: modes.restore() }
  }

  /** The modes in force at the end. Reads the whole ring: for attaching, not for every chunk. */
  modesAtEnd(): ModeTracker {
    const modes = this.#modes.clone()
    this.#each(this.#start, this.#end - this.#start, (slice) => modes.feed(slice))
    return modes
  }

  #at(sequence: number): number {
    return this.#bytes[sequence % this.#bytes.length]!
  }

  #each(from: number, length: number, visit: (slice: Buffer) => void): void {
    const at = from % this.#bytes.length
    const first = Math.min(length, this.#bytes.length - at)
    if (first > 0) visit(this.#bytes.subarray(at, at + first))
    if (length > first) visit(this.#bytes.subarray(0, length - first))
  }
}
