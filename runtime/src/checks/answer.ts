/** Checks on a value that the learner types. It is computed from the kernel when it is graded, never written down. */
import type { Check, Observation } from '../model/index.ts'
import { check, failed, passed, shown } from './verdicts.ts'

/**
 * @param what What is asked for, as it stands after "expected": "the pid of your shell".
 * @param from The right answers at this moment; null with a reason when there is none to compare with.
 */
export function answer(
  what: string,
  from: (
    observation: Observation,
  ) => Promise<{ readonly right: readonly string[] } | { readonly missing: string }>,
): Check {
  return check('answer', async (observation) => {
    const given = observation.answer?.trim()
    if (!given) return failed(what, 'you have not answered yet')
    const value = await from(observation)
    if ('missing' in value) return failed(what, value.missing)
    if (value.right.some((right) => normal(right) === normal(given)))
      return passed(what, `${shown(given)} is ${what}`)
    return failed(what, `${shown(given)} is not it`)
  })
}

function normal(text: string): string {
  return text.trim().replaceAll(/\s+/g, ' ').toLowerCase()
}
