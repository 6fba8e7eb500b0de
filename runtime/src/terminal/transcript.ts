/** What one terminal has put out since somebody began to listen. */
import type { Viewer } from './link-viewer.ts'
import { FRESH, type TerminalLink } from './terminal-link.ts'

/** Bytes kept; what is older is dropped. */
const MAX_BYTES = 1024 * 1024

export class Transcript {
  readonly #viewer: Viewer
  #bytes = Buffer.alloc(0)
  /** Sequence number of the first byte kept. */
  #start = 0
  #isLost = false

  /** Listens to a terminal that is open. @throws WorkbookError `terminals-away` */
  constructor(link: TerminalLink, name: string) {
    this.#viewer = link.attach(name, FRESH, {
      attached: ({ from }) => {
        this.#bytes = Buffer.alloc(0)
        this.#start = from
      },
      output: (message) => this.#take(message.subarray(8)),
      size: () => {},
      exit: () => {},
      failure: () => {},
      lost: () => {
        this.#isLost = true
      },
    })
  }

  /** The terminal was closed or restarted, or its host is gone. */
  get isLost(): boolean {
    return this.#isLost
  }

  /** Sequence number after the last byte received. */
  get end(): number {
    return this.#start + this.#bytes.length
  }

  since(sequence: number): string {
    return this.#bytes.subarray(Math.max(0, sequence - this.#start)).toString()
  }

  stop(): void {
    if (!this.#isLost) this.#viewer.detach()
  }

  #take(bytes: Buffer): void {
    const all = Buffer.concat([this.#bytes, bytes])
    const dropped = Math.max(0, all.length - MAX_BYTES)
    this.#bytes = all.subarray(dropped)
    this.#start += dropped
    this.#viewer.acknowledge(this.end)
  }
}
