/** The kernel needs a moment for what a command has set in motion. */
import { setTimeout as sleep } from 'node:timers/promises'

const PAUSE_MS = 40

/** Looks until it holds or the time is over. @returns the last look. */
export async function until<T>(look: () => Promise<T>, holds: (seen: T) => boolean, ms: number): Promise<T> {
  const end = performance.now() + ms
  for (;;) {
    const seen = await look()
    if (holds(seen) || performance.now() > end) return seen
    await sleep(PAUSE_MS)
  }
}
