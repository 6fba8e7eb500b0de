/**
 * What the terminal host inside a sandbox, the server and the page agree on about terminals.
 * Each constant says its unit and why it is what it is.
 */

/** Bytes of terminal output that may be under way unacknowledged; above it the sender waits. Large enough for full throughput at 5 ms round trips. */
export const HIGH_WATER = 256 * 1024
/**
 * Bytes under way at or below which a waiting sender goes on. Near the top, so that it does not wait for everything to
 * arrive first. Measured against a server without any of this: 0.57 of its throughput with 128 and 32 KiB, 0.90 so.
 */
export const LOW_WATER = 192 * 1024
/** The page acknowledges at the latest after this many parsed bytes. ACK_EVERY <= LOW_WATER < HIGH_WATER, or both sides wait for ever. */
export const ACK_EVERY = 64 * 1024

/** Output is gathered this long (ms) or up to FLUSH_BYTES, except right after input, when it is sent at once. */
export const FLUSH_MS = 5
export const FLUSH_BYTES = 32 * 1024

/** Bytes of scrollback kept for each terminal, replayed to a page that (re)connects. */
export const RING_BYTES = 512 * 1024

export const MIN_COLS = 2
export const MAX_COLS = 500
export const MIN_ROWS = 1
export const MAX_ROWS = 300

/** Terminals one learner may have open: a laptop screen has no room for more tabs. */
export const MAX_TERMINALS = 8
/** Terminal names: "a", "b", … as lessons say `in=b`. */
export const TERMINAL_NAME = /^[a-h]$/
