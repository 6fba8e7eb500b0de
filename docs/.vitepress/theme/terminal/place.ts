/** Where the page's copy of a terminal's output ends and how large the page is: the query of the terminal's address. */
import { MAX_COLS, MAX_ROWS, MIN_COLS, MIN_ROWS } from '@docker-internals/sandbox-server/protocol'

export interface Size {
  readonly cols: number
  readonly rows: number
}

export interface Place {
  /** The first byte of output that the page does not have yet; null for a page that has nothing. */
  readonly from: number | null
  /** The instance that `from` belongs to. */
  readonly instance: string | null
  /** Null while the terminal is not shown and so has no size. */
  readonly size: Size | null
}

/** @param site The address of the site: protocol, host and base path. @returns the WebSocket's address. */
export function terminalAddress(site: URL, name: string, { from, instance, size }: Place): string {
  const address = new URL(`api/terminals/${name}`, site)
  address.protocol = site.protocol === 'https:' ? 'wss:' : 'ws:'
  if (from !== null && instance !== null) {
    address.searchParams.set('from', String(from))
    address.searchParams.set('instance', instance)
  }
  if (size) {
    address.searchParams.set('cols', String(size.cols))
    address.searchParams.set('rows', String(size.rows))
  }
  return address.href
}

/** What the protocol allows: a terminal of one column is of no use, and one of thousands costs memory. */
export function clampSize({ cols, rows }: Size): Size {
  return {
    cols: Math.min(MAX_COLS, Math.max(MIN_COLS, cols)),
    rows: Math.min(MAX_ROWS, Math.max(MIN_ROWS, rows)),
  }
}

export const isSameSize = (one: Size | null, other: Size | null): boolean =>
  one?.cols === other?.cols && one?.rows === other?.rows
