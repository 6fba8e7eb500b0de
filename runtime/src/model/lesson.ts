/**
 * A lesson's other half: what `lesson.ts` beside a page exports.
 * The page holds the words and the commands; this holds how the kernel shows that a step was done.
 */
import type { PerVersion } from './cgroup-version.ts'
import type { Observation } from './observation.ts'
import type { Verdict } from './verdict.ts'

/**
 * - `state`: the kernel is as asked, now.
 * - `counter`: an event that the kernel counted (`pids.events`) or that the observer saw.
 * - `answer`: the learner types a value that is computed from the kernel when it is graded.
 */
export type CheckKind = 'state' | 'counter' | 'answer'

export interface Check {
  readonly kind: CheckKind
  observe(observation: Observation): Promise<Verdict>
}

/** Something a prover types. More lines are typed one after the other, each when the shell is ready again. */
export interface Typed {
  readonly run: PerVersion<string>
  /** The terminal it is typed into; "a" when absent. */
  readonly in?: string
  /** The program stays in the foreground: do not wait for a prompt. */
  readonly stays?: boolean
}

/** A deed that looks right and is not. It must change the observed state and be refused with exactly this sentence. */
export interface NearMiss extends Typed {
  /** `expected, seen` of the verdict. */
  readonly because: PerVersion<string>
  /** For an answer step: what is answered. `$(…)` is expanded by a shell inside the sandbox. */
  readonly answer?: PerVersion<string>
  /** Typed afterwards so that the next near miss starts from the same state; `fresh` when the state is spoilt for good. */
  readonly undo?: PerVersion<string> | 'fresh'
}

/** Another right way that must pass, from the state before the step. */
export interface Alternative extends Typed {
  readonly answer?: PerVersion<string>
}

export interface LessonStep {
  readonly check: Check
  /** Ids of steps that must be done first; for states that also hold before the lesson was begun. */
  readonly after?: readonly string[]
  /** For an answer step: the command whose output, typed inside the sandbox, is the right answer. */
  readonly answer?: PerVersion<string>
  readonly wrong: readonly NearMiss[]
  readonly alternatives?: readonly Alternative[]
}

export interface Lesson {
  /** What the sandbox must have before the first step; the Docker Engine is started on demand. */
  readonly needs?: readonly 'docker'[]
  readonly steps: Readonly<Record<string, LessonStep>>
}
