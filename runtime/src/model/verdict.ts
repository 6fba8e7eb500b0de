/**
 * What a check found.
 * `expected` and `seen` are clauses without a full stop that the page shows side by side:
 * expected "pids.max of /lfnw to be 2", seen "it is 20".
 * `sentence()` joins them; a near miss in a lesson is compared with exactly that sentence.
 */
export interface Verdict {
  readonly passed: boolean
  readonly expected: string
  readonly seen: string
}

export function sentence(verdict: Verdict): string {
  return `${verdict.expected}, ${verdict.seen}`
}
