/** From a terminal's name to its shell, across the wall: the terminal host names a pid inside, the kernel says whose it is. */
import type { Observer } from './observer.ts'

/** @param terminals what knows the terminals' shells by their pids inside, a `TerminalLink` for example. */
export function shellPidOf(
  observer: Observer,
  terminals: { shells(): ReadonlyMap<string, number> },
): (terminal: string) => Promise<number | null> {
  return async (terminal) => {
    const { shells } = await observer.observe({ shells: terminals.shells() })
    return shells.get(terminal) ?? null
  }
}
