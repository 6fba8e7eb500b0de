/** Checks made of checks. */
import type { Check } from '../model/index.ts'
import { check, passed } from './verdicts.ts'

/** Every one must pass; the first that does not is the verdict. */
export function all(...checks: readonly [Check, ...Check[]]): Check {
  return check(checks[0].kind, async (observation) => {
    const seen: string[] = []
    const expected: string[] = []
    for (const each of checks) {
      const verdict = await each.observe(observation)
      if (!verdict.passed) return verdict
      expected.push(verdict.expected)
      seen.push(verdict.seen)
    }
    return passed(expected.join(', and '), seen.join(', and '))
  })
}

/** One must pass; when none does, the verdict is the first one's. */
export function any(...checks: readonly [Check, ...Check[]]): Check {
  return check(checks[0].kind, async (observation) => {
    const first = await checks[0].observe(observation)
    if (first.passed) return first
    for (const each of checks.slice(1)) {
      const verdict = await each.observe(observation)
      if (verdict.passed) return verdict
    }
    return first
  })
}
