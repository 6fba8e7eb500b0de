/** The limits both sides of the wire keep. Each says its unit and why it is what it is. */
export {
  ACK_EVERY,
  FLUSH_BYTES,
  FLUSH_MS,
  HIGH_WATER,
  LOW_WATER,
  MAX_COLS,
  MAX_ROWS,
  MAX_TERMINALS,
  MIN_COLS,
  MIN_ROWS,
  RING_BYTES,
  TERMINAL_NAME,
} from '@docker-internals/runtime/model'

/** Bumped when an older page cannot talk to a newer server. */
export const PROTOCOL_VERSION = 1

/** Largest WebSocket message either side accepts, in bytes. */
export const MAX_PAYLOAD = 64 * 1024 + 16

export const PING_MS = 15_000
export const BACKOFF_MIN_MS = 500
export const BACKOFF_MAX_MS = 8_000
