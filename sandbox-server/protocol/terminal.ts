/**
 * The terminal socket: `GET /api/terminals/<name>?from=<seq>`, upgraded to WebSocket.
 *
 * Binary messages are terminal bytes.
 * From the page: input, as it is.
 * From the server: an 8-byte header, then output. The header is the sequence number of the first byte
 * (bytes of output since the terminal was opened) as an unsigned big-endian 64-bit integer below 2^53.
 * Text messages are JSON, one object each, of the schemas below.
 */
import * as v from 'valibot'
import { MAX_COLS, MAX_ROWS, MIN_COLS, MIN_ROWS } from './limits.ts'

const Sequence = v.pipe(v.number(), v.safeInteger(), v.minValue(0))

export const TerminalRequest = v.variant('type', [
  v.strictObject({
    type: v.literal('resize'),
    cols: v.pipe(v.number(), v.integer(), v.minValue(MIN_COLS), v.maxValue(MAX_COLS)),
    rows: v.pipe(v.number(), v.integer(), v.minValue(MIN_ROWS), v.maxValue(MAX_ROWS)),
  }),
  /** Everything before this sequence number has been parsed by the page's terminal. */
  v.strictObject({ type: v.literal('ack'), seq: Sequence }),
])
export type TerminalRequest = v.InferOutput<typeof TerminalRequest>

export const TerminalEvent = v.variant('type', [
  /**
   * First message. Output starts at `from`: what the page asked for, or later when the ring no longer has it
   * (`gap` is then true and the page clears its screen). Bytes before `live` are replay: the page drops
   * the answers its own terminal gives to queries in them. `instance` changes when the terminal was restarted.
   */
  v.strictObject({
    type: v.literal('attached'),
    instance: v.string(),
    from: Sequence,
    live: Sequence,
    gap: v.boolean(),
    /** Escape sequences that bring a fresh terminal into the modes in force at `from` (alternate screen, mouse, …); empty unless the replay starts afresh. */
    modes: v.string(),
    cols: v.number(),
    rows: v.number(),
  }),
  /** The size in force, decided by the tab in use. */
  v.strictObject({ type: v.literal('size'), cols: v.number(), rows: v.number() }),
  /** The shell ended. A new one starts when the learner asks (`restart-terminal` on the control socket). */
  v.strictObject({ type: v.literal('exit'), code: v.number(), signal: v.nullable(v.number()) }),
  v.strictObject({ type: v.literal('failure'), code: v.string(), message: v.string() }),
])
export type TerminalEvent = v.InferOutput<typeof TerminalEvent>

export const OUTPUT_HEADER_BYTES = 8

export function encodeOutput(seq: number, bytes: Uint8Array): Uint8Array {
  const frame = new Uint8Array(OUTPUT_HEADER_BYTES + bytes.length)
  const view = new DataView(frame.buffer)
  view.setUint32(0, Math.floor(seq / 2 ** 32))
  view.setUint32(4, seq % 2 ** 32)
  frame.set(bytes, OUTPUT_HEADER_BYTES)
  return frame
}

/** @throws RangeError when the frame is shorter than its header or the number is not a safe integer. */
export function decodeOutput(frame: Uint8Array): { seq: number; bytes: Uint8Array } {
  if (frame.length < OUTPUT_HEADER_BYTES)
    throw new RangeError(`output frame of ${frame.length} bytes has no header`)
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength)
  const seq = view.getUint32(0) * 2 ** 32 + view.getUint32(4)
  if (!Number.isSafeInteger(seq)) throw new RangeError('sequence number above 2^53')
  return { seq, bytes: frame.subarray(OUTPUT_HEADER_BYTES) }
}
