/** One pass over a lesson's checks. The server and the prover judge through this, so they cannot disagree. */
import type { Observation, Verdict } from '@docker-internals/runtime/model'
import type { LoadedLesson } from './catalogue.ts'

export interface JudgedStep extends Verdict {
  readonly step: string
}

/**
 * In the order of the page. All checks see the one observation.
 * @param done Ids of the steps that were done before; a step whose `after` is not among them does not pass.
 */
export function judge(
  lesson: LoadedLesson,
  observation: Observation,
  done: ReadonlySet<string>,
): Promise<JudgedStep[]> {
  return Promise.all(lesson.page.steps.map(({ id }) => judgeStep(lesson, id, observation, done)))
}

export async function judgeStep(
  { page, lesson }: LoadedLesson,
  id: string,
  observation: Observation,
  done: ReadonlySet<string>,
): Promise<JudgedStep> {
  const { check, after = [] } = lesson.steps[id]!
  const missing = after.find((other) => !done.has(other))
  if (missing !== undefined) {
    const title = page.steps.find((step) => step.id === missing)?.title ?? missing
    return {
      step: id,
      passed: false,
      expected: `the step “${title}” to be done first`,
      seen: 'it is not done yet',
    }
  }
  try {
    return { step: id, ...(await check.observe(observation)) }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return {
      step: id,
      passed: false,
      expected: 'the kernel to be readable',
      seen: `reading it failed: ${reason}`,
    }
  }
}
