/**
 * One page that looks at a terminal: a cursor into its ring.
 * `acked <= sent <= ring.end`, and `sent - acked` never passes HIGH_WATER: the server drops a host that breaks this.
 */
import { FLUSH_BYTES, HIGH_WATER, LOW_WATER } from '../../model/terminal-limits.ts'
import { allocateFrame, FrameType, HEADER_BYTES, jsonFrame, writeSequence } from '../wire.ts'
import type { HostTerminal } from './host-terminal.ts'
import type { Outlet } from './outlet.ts'

export interface AttachRequest {
  readonly name: string
  /** Where the page wants to go on; null for a fresh page. */
  readonly from: number | null
  /** The instance that `from` belongs to. */
  readonly instance: string | null
  readonly cols: number | null
  readonly rows: number | null
}

export interface Size {
  readonly cols: number
  readonly rows: number
}

export class Viewer {
  readonly id: number
  readonly name: string
  /** What this page has room for; null until it says so. */
  size: Size | null
  terminal: HostTerminal | null = null
  acked = 0
  #sent = 0
  #waitsForAck = false
  #toldExit = false
  /** A fresh page's replay ends here; -1 when there is none. */
  #replayEnd = -1
  readonly #outlet: Outlet

  constructor(id: number, request: AttachRequest, outlet: Outlet) {
    this.id = id
    this.name = request.name
    this.size =
      request.cols !== null && request.rows !== null ? { cols: request.cols, rows: request.rows } : null
    this.#outlet = outlet
  }

  get sent(): number {
    return this.#sent
  }

  /** Starts at `from` where the ring still has it, else as a fresh page. */
  attach(terminal: HostTerminal, from: number | null): void {
    const { ring, instance, size } = terminal
    const continues = from !== null && from >= ring.start && from <= ring.end
    const beginning = continues ? { from, modes: '' } : ring.beginning()
    this.terminal = terminal
    this.acked = this.#sent = beginning.from
    this.#waitsForAck = this.#toldExit = false
    this.#replayEnd = continues || beginning.from === ring.end ? -1 : ring.end
    const attached = { instance, live: ring.end, gap: !continues && from !== null, ...beginning, ...size }
    this.#outlet.send(jsonFrame(FrameType.attached, this.id, attached))
    this.pump()
  }

  /** Sends what the page may be sent now. */
  pump(): void {
    const terminal = this.terminal
    if (!terminal || this.#waitsForAck) return
    if (this.#sent < terminal.ring.start)
      this.attach(terminal, this.#sent) // fell out of the ring: a gap
    else this.#sendFrom(terminal)
  }

  #sendFrom(terminal: HostTerminal): void {
    const { ring } = terminal
    while (this.#sent < ring.end && !this.#waitsForAck && this.#outlet.hasRoom) {
      const window = HIGH_WATER - (this.#sent - this.acked)
      const length = Math.min(ring.end - this.#sent, window, FLUSH_BYTES)
      const frame = allocateFrame(FrameType.output, this.id, 8 + length)
      writeSequence(frame, HEADER_BYTES, this.#sent)
      ring.copy(this.#sent, length, frame, HEADER_BYTES + 8)
      this.#outlet.send(frame)
      this.#sent += length
      this.#waitsForAck = length === window
    }
    if (this.#sent === ring.end && terminal.ended && !this.#toldExit) {
      this.#toldExit = true
      this.#outlet.send(jsonFrame(FrameType.exit, this.id, terminal.ended))
    }
  }

  /** @returns whether it is time to let the program repaint for this page. */
  acknowledge(sequence: number): boolean {
    if (sequence < this.acked || sequence > this.#sent) return false // of an earlier instance or before a gap
    this.acked = sequence
    if (this.#waitsForAck && this.#sent - this.acked <= LOW_WATER) {
      this.#waitsForAck = false
      this.pump()
    }
    const replayed = this.#replayEnd >= 0 && this.acked >= this.#replayEnd
    if (replayed) this.#replayEnd = -1
    return replayed
  }

  tellSize(size: Size): void {
    this.#outlet.send(jsonFrame(FrameType.size, this.id, size))
  }

  tellFailure(code: string, message: string): void {
    this.#outlet.send(jsonFrame(FrameType.failure, this.id, { code, message }))
  }
}
