/** How much of a lesson is done. Prepared steps do not count: the learner has not done them. */
import type { CatalogueLesson } from '../course.ts'
import { entryOf } from '../session.ts'

export function doneSteps(lesson: CatalogueLesson): number {
  return lesson.steps.filter(({ id }) => entryOf(lesson.id, id)?.state === 'done').length
}
