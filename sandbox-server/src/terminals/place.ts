/** The query of a terminal's address: where the page's copy of the output ends, and how large the page is. */
import type { Place } from '@docker-internals/runtime'
import { MAX_COLS, MAX_ROWS, MIN_COLS, MIN_ROWS } from '../../protocol/index.ts'

/** What is missing or makes no sense counts as not said: the page then gets all that there is. */
export function readPlace(query: URLSearchParams): Place {
  const instance = query.get('instance')
  const cols = integer(query.get('cols'), MIN_COLS, MAX_COLS)
  const rows = integer(query.get('rows'), MIN_ROWS, MAX_ROWS)
  const hasSize = cols !== null && rows !== null
  return {
    from: integer(query.get('from'), 0, Number.MAX_SAFE_INTEGER),
    instance: instance !== null && /^[0-9a-f]{1,32}$/.test(instance) ? instance : null,
    cols: hasSize ? cols : null,
    rows: hasSize ? rows : null,
  }
}

function integer(text: string | null, least: number, most: number): number | null {
  if (text === null || !/^\d{1,16}$/.test(text)) return null
  const value = Number(text)
  return value >= least && value <= most ? value : null
}
