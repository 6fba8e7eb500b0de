/**
 * Watches one learner's sandbox and says what the checks of the lessons on the page see.
 * One pass at a time, one observation a pass. Passing is latched: what was done stays done, and for a state
 * that has since gone the verdict says so. Counters and answers are of a moment: once done they are not judged again.
 */
import { type JudgedStep, judgeStep, type LoadedLesson } from '@docker-internals/lessons'
import type { Observation } from '@docker-internals/runtime/model'
import type { ControlEvent, StepVerdict } from '../../protocol/index.ts'
import type { LearnerProgress } from './learner-progress.ts'
import { OneAtATime } from './one-at-a-time.ts'
import { Settle } from './settle.ts'

/** Background jobs change the kernel's state without a word on a terminal. */
const POLL_MS = 1000
/** A check is bounded by the observation's own limits; this is for what nobody thought of. */
const CHECK_TIMEOUT_MS = 5000

export interface WatcherOptions {
  readonly lessons: ReadonlyMap<string, LoadedLesson>
  readonly progress: LearnerProgress
  /** A fresh look at the kernel; null while there is no running sandbox. */
  readonly observe: () => Promise<Observation | null>
  readonly emit: (event: ControlEvent) => void
  readonly onError: (error: unknown) => void
}

export class Watcher {
  readonly #options: WatcherOptions
  /** Which lesson each page shows. */
  readonly #shown = new Map<object, string>()
  /** What was answered last, by "lesson/step". */
  readonly #answers = new Map<string, string>()
  /** What the pages were told last, by lesson and step. */
  readonly #told = new Map<string, Map<string, string>>()
  /** Lessons and answers somebody waits for: told even when nothing changed. */
  readonly #asked = new Set<string>()
  readonly #answered = new Set<string>()
  readonly #passes = new OneAtATime(() => this.#pass())
  readonly #settle = new Settle(() => this.look())
  #poll: ReturnType<typeof setInterval> | undefined

  constructor(options: WatcherOptions) {
    this.#options = options
  }

  /** @param page identifies the page that shows the lesson; null when it shows none any more. */
  show(page: object, lesson: string | null): void {
    if (lesson !== null && this.#options.lessons.has(lesson)) {
      this.#shown.set(page, lesson)
      this.#told.delete(lesson) // this page knows nothing yet
      this.look()
    } else this.#shown.delete(page)
    clearInterval(this.#poll)
    if (this.#shown.size > 0) this.#poll = setInterval(() => this.look(), POLL_MS).unref()
  }

  /** Something was typed or printed on a terminal. */
  activity(): void {
    if (this.#shown.size > 0) this.#settle.activity()
  }

  look(): void {
    this.#passes.run().catch(this.#options.onError)
  }

  /** @returns whether there was a sandbox to look at. */
  async check(lesson: string): Promise<boolean> {
    this.#asked.add(lesson)
    await this.#passes.run()
    return !this.#asked.delete(lesson)
  }

  async answer(lesson: string, step: string, value: string): Promise<boolean> {
    this.#answers.set(`${lesson}/${step}`, value)
    this.#answered.add(`${lesson}/${step}`)
    return this.check(lesson)
  }

  /** Another sandbox took the place of the one that was watched. */
  forget(): void {
    this.#told.clear()
    this.#answers.clear()
    this.#answered.clear()
    this.look()
  }

  stop(): void {
    clearInterval(this.#poll)
    this.#settle.stop()
    this.#shown.clear()
  }

  async #pass(): Promise<void> {
    const asked = [...this.#asked]
    const names = new Set([...this.#shown.values(), ...asked])
    if (names.size === 0) return
    const observation = await this.#options.observe()
    if (!observation) return
    for (const name of names) {
      const lesson = this.#options.lessons.get(name)
      if (!lesson) continue
      const verdicts = await this.#judge(lesson, observation)
      if (this.#options.progress.latch(name, verdicts)) this.activity() // what comes `after` it may pass now
      this.#tell(name, verdicts, asked.includes(name))
    }
    for (const name of asked) this.#asked.delete(name)
  }

  async #judge(lesson: LoadedLesson, observation: Observation): Promise<JudgedStep[]> {
    const { progress } = this.#options
    const done = progress.doneOrPrepared(lesson.page.id)
    const toJudge = lesson.page.steps.filter(({ id }) => {
      const ofAMoment = lesson.lesson.steps[id]!.check.kind !== 'state'
      return (
        !ofAMoment || !progress.isDone(lesson.page.id, id) || this.#answered.has(`${lesson.page.id}/${id}`)
      )
    })
    const verdicts = await Promise.all(
      toJudge.map(({ id }) => {
        const answer = this.#answers.get(`${lesson.page.id}/${id}`) ?? null
        return inTime(judgeStep(lesson, id, { ...observation, answer }, done), id)
      }),
    )
    for (const { step } of verdicts) this.#answered.delete(`${lesson.page.id}/${step}`)
    return verdicts
  }

  #tell(lesson: string, verdicts: readonly JudgedStep[], asked: boolean): void {
    const told = this.#told.get(lesson) ?? new Map<string, string>()
    this.#told.set(lesson, told)
    const news: StepVerdict[] = []
    for (const { step, passed, expected, seen } of verdicts) {
      const verdict = { step, passed, expected, seen }
      const text = JSON.stringify(verdict)
      if (asked || told.get(step) !== text) news.push(verdict)
      told.set(step, text)
    }
    if (asked || news.length > 0)
      this.#options.emit({ type: 'verdicts', lesson, at: Date.now(), verdicts: news })
  }
}

async function inTime(judged: Promise<JudgedStep>, step: string): Promise<JudgedStep> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<JudgedStep>((resolve) => {
    timer = setTimeout(
      () =>
        resolve({
          step,
          passed: false,
          expected: 'the kernel to be read in time',
          seen: `it took longer than ${CHECK_TIMEOUT_MS / 1000} s`,
        }),
      CHECK_TIMEOUT_MS,
    )
  })
  try {
    return await Promise.race([judged, late])
  } finally {
    clearTimeout(timer)
  }
}
