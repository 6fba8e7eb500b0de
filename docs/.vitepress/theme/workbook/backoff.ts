import { BACKOFF_MAX_MS, BACKOFF_MIN_MS } from '@docker-internals/sandbox-server/protocol'

/**
 * How long (ms) to wait before the next attempt after `failures` of them: doubled each time between the
 * protocol's bounds, with up to a third taken off at random so that a room of pages does not return at once.
 */
export function backoff(failures: number, random: () => number = Math.random): number {
  const full = Math.min(BACKOFF_MAX_MS, BACKOFF_MIN_MS * 2 ** Math.max(0, failures - 1))
  return Math.max(BACKOFF_MIN_MS, full * (1 - random() / 3))
}
