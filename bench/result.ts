/** One row of `npm run bench`: our figure and a peer's, for the same work in the same run. */
export interface BenchResult {
  readonly name: string
  /** "ms", "MB/s", …; the ratio reads accordingly. */
  readonly unit: string
  readonly ours: Percentiles
  /** `p50` and `p99` are NaN (null in JSON) when the peer was skipped; its name then says why. */
  readonly peer: Percentiles & { readonly name: string }
  /** ours.p50 / peer.p50 */
  readonly ratio: number
}

export interface Percentiles {
  readonly p50: number
  readonly p99: number
}

/** @param samples at least one. */
export function percentiles(samples: readonly number[]): Percentiles {
  const sorted = samples.toSorted((a, b) => a - b)
  const at = (share: number) => round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!)
  return { p50: at(0.5), p99: at(0.99) }
}

export function compare(
  name: string,
  unit: string,
  ours: readonly number[],
  peer: { readonly name: string; readonly samples: readonly number[] },
): BenchResult {
  const mine = percentiles(ours)
  const theirs = percentiles(peer.samples)
  return { name, unit, ours: mine, peer: { name: peer.name, ...theirs }, ratio: round(mine.p50 / theirs.p50) }
}

/** A row whose peer could not be measured here; the reason stands in the peer's name. */
export function alone(name: string, unit: string, ours: readonly number[], skipped: string): BenchResult {
  return {
    name,
    unit,
    ours: percentiles(ours),
    peer: { name: skipped, p50: Number.NaN, p99: Number.NaN },
    ratio: Number.NaN,
  }
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
