/** A page at a terminal, without a browser: keeps what it was sent and acknowledges it. */
import type { Attached, Exit, Size } from '../host-messages.ts'
import type { Viewer } from '../link-viewer.ts'
import { FRESH, type Place, type TerminalLink } from '../terminal-link.ts'

export class Page {
  attached: Attached | null = null
  size: Size | null = null
  exit: Exit | null = null
  failure: string | null = null
  isLost = false
  /** Sequence number after the last byte received. */
  next = 0
  gaps = 0
  received = 0
  /** False: it takes what it is sent and never acknowledges. */
  acknowledges = true
  keepsText = true
  readonly viewer: Viewer
  #chunks: Buffer[] = []
  #onOutput: ((bytes: Buffer) => void) | undefined

  constructor(
    link: TerminalLink,
    name: string,
    place: Partial<Place> = {},
    onOutput?: (bytes: Buffer) => void,
  ) {
    this.#onOutput = onOutput
    this.viewer = link.attach(
      name,
      { ...FRESH, ...place },
      {
        attached: (event) => {
          this.attached = event
          this.next = event.from
          if (event.gap) this.gaps += 1
        },
        output: (message) => this.#take(message),
        size: (size) => {
          this.size = size
        },
        exit: (exit) => {
          this.exit = exit
        },
        failure: ({ code }) => {
          this.failure = code
        },
        lost: () => {
          this.isLost = true
        },
      },
    )
  }

  get text(): string {
    return Buffer.concat(this.#chunks).toString()
  }

  type(text: string): void {
    this.viewer.write(Buffer.from(text))
  }

  #take(message: Buffer): void {
    const bytes = message.subarray(8)
    this.next += bytes.length
    this.received += bytes.length
    this.#onOutput?.(bytes)
    if (this.keepsText) this.#chunks.push(Buffer.from(bytes))
    if (this.acknowledges) this.viewer.acknowledge(this.next)
  }
}
