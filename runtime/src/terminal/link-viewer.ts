/** The server's side of one page at a terminal: passes on what the host sends and holds it to the window. */
import { HIGH_WATER } from '../model/terminal-limits.ts'
import { Attached, type Exit, Exit as ExitSchema, Failure, parseMessage, Size } from './host-messages.ts'
import {
  allocateFrame,
  bytesFrame,
  type Frame,
  FrameType,
  HEADER_BYTES,
  MAX_FRAME_BYTES,
  readSequence,
  sequenceFrame,
} from './wire.ts'

export interface TerminalSink {
  /** Before all else, and again after a restart or a gap: output goes on at `from`. */
  attached(event: Attached): void
  /** An 8-byte sequence number, then terminal bytes: a binary message of the page's socket as it is. */
  output(message: Buffer): void
  size(size: Size): void
  exit(exit: Exit): void
  failure(failure: Failure): void
  /** The terminal host is gone, or the terminal was closed; nothing more comes. */
  lost(): void
}

export class Viewer {
  readonly id: number
  readonly name: string
  readonly #sink: TerminalSink
  readonly #send: (frame: Buffer) => void
  readonly #onDetach: () => void
  #attached = false
  #sent = 0
  #acked = 0

  constructor(parts: {
    id: number
    name: string
    sink: TerminalSink
    send: (frame: Buffer) => void
    onDetach: () => void
  }) {
    this.id = parts.id
    this.name = parts.name
    this.#sink = parts.sink
    this.#send = parts.send
    this.#onDetach = parts.onDetach
  }

  /** Input as it is. The page that types is the one in use: its size holds from now on. */
  write(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += MAX_FRAME_BYTES)
      this.#send(bytesFrame(FrameType.input, this.id, bytes.subarray(at, at + MAX_FRAME_BYTES)))
  }

  /** @param cols within MIN_COLS and MAX_COLS, as the caller has checked; rows likewise. */
  resize(cols: number, rows: number): void {
    const frame = allocateFrame(FrameType.resize, this.id, 4)
    frame.writeUInt16BE(cols, HEADER_BYTES)
    frame.writeUInt16BE(rows, HEADER_BYTES + 2)
    this.#send(frame)
  }

  /** Everything before `sequence` has been parsed. What was never sent is not acknowledged: a late one of before a gap. */
  acknowledge(sequence: number): void {
    if (sequence <= this.#acked || sequence > this.#sent) return
    this.#acked = sequence
    this.#send(sequenceFrame(FrameType.ack, this.id, sequence))
  }

  detach(): void {
    this.#send(allocateFrame(FrameType.detach, this.id, 0))
    this.#onDetach()
  }

  lost(): void {
    this.#sink.lost()
  }

  /** @throws Error when the host breaks a rule. */
  receive({ type, payload }: Frame): void {
    if (type === FrameType.output) this.#output(payload)
    else if (type === FrameType.attached) this.#attach(parseMessage(Attached, payload))
    else if (type === FrameType.size) this.#sink.size(parseMessage(Size, payload))
    else if (type === FrameType.exit) this.#sink.exit(parseMessage(ExitSchema, payload))
    else if (type === FrameType.failure) this.#sink.failure(parseMessage(Failure, payload))
    else throw new Error(`a frame of type ${type} for a viewer`)
  }

  #attach(event: Attached): void {
    if (event.from > event.live) throw new Error('a replay that ends before it begins')
    this.#attached = true
    this.#sent = this.#acked = event.from
    this.#sink.attached(event)
  }

  #output(payload: Buffer): void {
    if (!this.#attached || payload.length <= 8) throw new Error('output out of place')
    if (readSequence(payload, 0) !== this.#sent) throw new Error('output that leaves something out')
    this.#sent += payload.length - 8
    if (this.#sent - this.#acked > HIGH_WATER) throw new Error('more output than the window allows')
    this.#sink.output(payload)
  }
}
