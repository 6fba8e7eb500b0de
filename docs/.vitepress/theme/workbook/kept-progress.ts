/** The browser's own copy of progress, so that the static site remembers too. Storage may be refused; then nothing is kept. */
import { ProgressEntry } from '@docker-internals/sandbox-server/protocol'
import * as v from 'valibot'

const KEY = 'docker-internals-progress'

export function readKept(storage: Storage | undefined): ProgressEntry[] {
  try {
    const parsed = v.safeParse(v.array(ProgressEntry), JSON.parse(storage?.getItem(KEY) ?? '[]'))
    return parsed.success ? parsed.output : []
  } catch {
    return []
  }
}

export function keep(storage: Storage | undefined, entries: readonly ProgressEntry[]): void {
  try {
    storage?.setItem(KEY, JSON.stringify(entries))
  } catch {
    // Full or refused: the server has it.
  }
}
