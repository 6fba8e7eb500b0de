/**
 * What one learner has done: the store's entries, and which steps "start here" did for them.
 * A prepared step becomes done only when its state went away and came back: by then the learner has done it.
 */
import type { JudgedStep } from '@docker-internals/lessons'
import type { ProgressEntry } from '../../protocol/index.ts'
import type { Store } from '../store/store.ts'

export class LearnerProgress {
  readonly #store: Store
  readonly #learner: string
  readonly #emit: (entries: ProgressEntry[]) => void
  readonly #entries = new Map<string, ProgressEntry>()
  /** Prepared steps that have been true ever since. */
  readonly #notByLearner = new Set<string>()
  /** While "start here" types, states come and go without a deed of the learner. */
  #preparing = false

  constructor(store: Store, learner: string, emit: (entries: ProgressEntry[]) => void) {
    this.#store = store
    this.#learner = learner
    this.#emit = emit
    for (const entry of store.progress(learner)) {
      this.#entries.set(key(entry), entry)
      if (entry.state === 'prepared') this.#notByLearner.add(key(entry))
    }
  }

  all(): ProgressEntry[] {
    return [...this.#entries.values()]
  }

  isDone(lesson: string, step: string): boolean {
    return this.#entries.get(key({ lesson, step }))?.state === 'done'
  }

  doneOrPrepared(lesson: string): Set<string> {
    return new Set(this.all().flatMap((entry) => (entry.lesson === lesson ? [entry.step] : [])))
  }

  /** @returns whether a step became done. */
  latch(lesson: string, verdicts: readonly JudgedStep[]): boolean {
    if (this.#preparing) return false
    const passed: ProgressEntry[] = []
    for (const { step, passed: is } of verdicts) {
      const entry: ProgressEntry = { lesson, step, state: 'done', at: Date.now() }
      if (!is) this.#notByLearner.delete(key(entry))
      else if (!this.isDone(lesson, step) && !this.#notByLearner.has(key(entry))) passed.push(entry)
    }
    return this.#add(passed)
  }

  /** From a page that worked without a server. */
  merge(done: readonly { lesson: string; step: string; at: number }[]): void {
    this.#add(done.map((entry) => ({ ...entry, state: 'done' })))
  }

  /** Marks the steps prepared when `work` succeeds; whatever it did, it was not the learner. */
  async whilePreparing(lesson: string, steps: readonly string[], work: () => Promise<void>): Promise<void> {
    for (const step of steps) if (!this.isDone(lesson, step)) this.#notByLearner.add(key({ lesson, step }))
    this.#preparing = true
    try {
      await work()
      const at = Date.now()
      this.#add(steps.map((step) => ({ lesson, step, state: 'prepared', at })))
    } finally {
      this.#preparing = false
    }
  }

  #add(entries: readonly ProgressEntry[]): boolean {
    if (entries.length === 0) return false
    const added = this.#store.addProgress(this.#learner, entries)
    for (const entry of added) this.#entries.set(key(entry), entry)
    if (added.length > 0) this.#emit(added)
    return added.length > 0
  }
}

function key({ lesson, step }: { lesson: string; step: string }): string {
  return `${lesson}/${step}`
}
