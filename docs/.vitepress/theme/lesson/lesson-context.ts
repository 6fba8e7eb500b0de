/** What a step and the blocks in it know of each other: passed down with provide and inject. */
import { type ComputedRef, type InjectionKey, inject, provide } from 'vue'
import type { CatalogueLesson } from '../course.ts'
import type { StepState } from './step-state.ts'

export interface LessonContext {
  readonly lesson: CatalogueLesson
  stateOf(step: string): StepState
  /** The first step that is not done; null when all are. */
  readonly current: ComputedRef<string | null>
}

const LESSON: InjectionKey<LessonContext> = Symbol('lesson')
const STEP: InjectionKey<string> = Symbol('step')

export const provideLesson = (context: LessonContext) => provide(LESSON, context)
export const provideStep = (id: string) => provide(STEP, id)

/** Null outside of a lesson's page: the search result of a page, a guide that shows a command. */
export const useLesson = () => inject(LESSON, null)
export const useStep = () => inject(STEP, null)
