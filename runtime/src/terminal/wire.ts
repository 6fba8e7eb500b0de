/**
 * The bytes between the terminal host inside a sandbox and its link on the server's side: frames over a Unix socket.
 *
 * A frame is a 9-byte header and a payload: payload length (u32), type (u8), viewer (u32, 0 when it concerns none),
 * all big-endian. The payload of `output` is exactly a binary message of the page's terminal socket: the sequence number of
 * its first byte (u64 below 2^53), then terminal bytes. The server passes it on without touching it.
 */
import { FLUSH_BYTES } from '../model/terminal-limits.ts'

export const LINK_VERSION = 1
export const HEADER_BYTES = 9
/** Largest payload: a flush of output and its sequence number. */
export const MAX_FRAME_BYTES = FLUSH_BYTES + 8

export const FrameType = {
  // server to host; JSON unless it says otherwise
  open: 1,
  attach: 2,
  detach: 3, // no payload
  input: 4, // raw bytes
  ack: 5, // u64
  resize: 6, // u16 columns, u16 rows
  restart: 7,
  close: 8,
  type: 9, // u8 terminal name, raw bytes; answered when the pty has taken them
  sync: 10, // u8 terminal name; answered when all output written so far is under way
  // host to server
  hello: 64,
  opened: 65,
  ended: 66,
  attached: 67,
  output: 68, // u64, raw bytes
  size: 69,
  exit: 70,
  failure: 71,
  activity: 72, // u8 terminal name, u64 end of output
  done: 73, // the viewer field holds the request's number
} as const
export type FrameType = (typeof FrameType)[keyof typeof FrameType]

export interface Frame {
  readonly type: number
  readonly viewer: number
  /** Valid during the call that delivers it, unless copied. */
  readonly payload: Buffer
}

/** An empty frame to be filled: the payload begins at HEADER_BYTES. */
export function allocateFrame(type: FrameType, viewer: number, payloadBytes: number): Buffer {
  const frame = Buffer.allocUnsafe(HEADER_BYTES + payloadBytes)
  frame.writeUInt32BE(payloadBytes, 0)
  frame[4] = type
  frame.writeUInt32BE(viewer, 5)
  return frame
}

export function bytesFrame(type: FrameType, viewer: number, payload: Uint8Array): Buffer {
  const frame = allocateFrame(type, viewer, payload.length)
  frame.set(payload, HEADER_BYTES)
  return frame
}

export function jsonFrame(type: FrameType, viewer: number, message: object): Buffer {
  return bytesFrame(type, viewer, Buffer.from(JSON.stringify(message)))
}

export function sequenceFrame(type: FrameType, viewer: number, sequence: number): Buffer {
  const frame = allocateFrame(type, viewer, 8)
  writeSequence(frame, HEADER_BYTES, sequence)
  return frame
}

export function writeSequence(target: Buffer, at: number, sequence: number): void {
  target.writeUInt32BE(Math.floor(sequence / 2 ** 32), at)
  target.writeUInt32BE(sequence % 2 ** 32, at + 4)
}

/** @throws RangeError when it is not a safe integer. */
export function readSequence(source: Buffer, at: number): number {
  const sequence = source.readUInt32BE(at) * 2 ** 32 + source.readUInt32BE(at + 4)
  if (!Number.isSafeInteger(sequence)) throw new RangeError('sequence number above 2^53')
  return sequence
}

/** Cuts a stream of bytes into frames. Holds at most one unfinished frame. */
export class FrameReader {
  readonly #onFrame: (frame: Frame) => void
  readonly #header = Buffer.alloc(HEADER_BYTES)
  #headerFilled = 0
  #body: Buffer | null = null
  #bodyFilled = 0

  constructor(onFrame: (frame: Frame) => void) {
    this.#onFrame = onFrame
  }

  /** @throws RangeError for a frame above MAX_FRAME_BYTES; the stream is of no use then. */
  push(chunk: Buffer): void {
    let at = 0
    while (at < chunk.length) {
      if (this.#headerFilled < HEADER_BYTES) {
        const copied = chunk.copy(
          this.#header,
          this.#headerFilled,
          at,
          at + HEADER_BYTES - this.#headerFilled,
        )
        this.#headerFilled += copied
        at += copied
        if (this.#headerFilled < HEADER_BYTES) return
        const length = this.#header.readUInt32BE(0)
        if (length > MAX_FRAME_BYTES) throw new RangeError(`a frame of ${length} bytes`)
        if (length <= chunk.length - at) {
          this.#deliver(chunk.subarray(at, at + length))
          at += length
          continue
        }
        this.#body = Buffer.allocUnsafe(length)
        this.#bodyFilled = 0
      }
      const body = this.#body!
      const copied = chunk.copy(body, this.#bodyFilled, at)
      this.#bodyFilled += copied
      at += copied
      if (this.#bodyFilled === body.length) this.#deliver(body)
    }
  }

  #deliver(payload: Buffer): void {
    this.#headerFilled = 0
    this.#body = null
    this.#onFrame({ type: this.#header[4]!, viewer: this.#header.readUInt32BE(5), payload })
  }
}
