/**
 * One learner at work: their sandbox and its terminals, what the checks say, what they have done.
 * All pages of a learner share it; it outlives every one of them.
 */
import type { LoadedLesson } from '@docker-internals/lessons'
import { WorkbookError } from '@docker-internals/runtime/model'
import type { ControlEvent, SandboxPhase } from '../../protocol/index.ts'
import type { Store } from '../store/store.ts'
import { LearnerProgress } from '../watch/learner-progress.ts'
import { Watcher } from '../watch/watcher.ts'
import type { IdleTimes } from './idle-clock.ts'
import { LearnerSandbox } from './learner-sandbox.ts'
import { prepareSteps } from './prepare-steps.ts'
import type { RunningSandbox } from './running-sandbox.ts'

export interface SessionOptions {
  readonly learner: string
  readonly store: Store
  readonly lessons: ReadonlyMap<string, LoadedLesson>
  readonly create: () => Promise<RunningSandbox>
  readonly idle: IdleTimes
  readonly log: (error: unknown, words: string) => void
}

export class LearnerSession {
  readonly progress: LearnerProgress
  readonly watcher: Watcher
  readonly sandbox: LearnerSandbox
  readonly #options: SessionOptions
  readonly #listeners = new Set<(event: ControlEvent) => void>()
  readonly #terminals = new Set<() => void>()

  constructor(options: SessionOptions) {
    const { learner, store, lessons, create, idle, log } = options
    this.#options = options
    const emit = (event: ControlEvent) => this.#emit(event)
    this.progress = new LearnerProgress(store, learner, (entries) => emit({ type: 'progress', entries }))
    this.sandbox = new LearnerSandbox({
      ...{ create, idle, log },
      onReplaced: (running) => this.#attach(running),
      onChange: () => {
        store.setSandboxes(learner, this.sandbox.stored())
        this.announceSandbox()
      },
    })
    this.watcher = new Watcher({
      ...{ lessons, progress: this.progress, emit },
      observe: async () => {
        const running = await this.sandbox.look()
        return running ? running.observer.observe({ shells: running.link.shells() }) : null
      },
      onError: (error) => log(error, 'a pass of checks failed'),
    })
  }

  listen(listener: (event: ControlEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** @param cut ends a terminal's connection when another sandbox takes this one's place; its page then dials again. */
  addTerminal(cut: () => void): () => void {
    this.#terminals.add(cut)
    return () => this.#terminals.delete(cut)
  }

  get phase(): SandboxPhase {
    return this.sandbox.state.phase
  }

  terminals(): string[] {
    return this.sandbox.current?.link.terminals() ?? []
  }

  sandboxEvent(): ControlEvent {
    const { state, undoUntil } = this.sandbox
    return { type: 'sandbox', ...state, terminals: this.terminals(), undoUntil }
  }

  announceSandbox(): void {
    this.#emit(this.sandboxEvent())
  }

  /** Looks now. @returns whether there was a sandbox to look at. @throws WorkbookError */
  async check(lesson: string): Promise<boolean> {
    this.#find(lesson)
    return this.watcher.check(lesson)
  }

  async answer(lesson: string, step: string, value: string): Promise<boolean> {
    this.#find(lesson, step)
    return this.watcher.answer(lesson, step, value)
  }

  reset(): Promise<void> {
    return this.sandbox.alone('a reset', async () => {
      await this.sandbox.replace()
    })
  }

  undo(): Promise<void> {
    return this.sandbox.alone('an undo', () => this.sandbox.bringBack())
  }

  /** A fresh sandbox in which the commands of the steps before `step` have been typed. */
  async startHere(lesson: string, step: string): Promise<void> {
    const { page } = this.#find(lesson, step)
    const at = page.steps.findIndex(({ id }) => id === step)
    const before = page.steps.slice(0, at)
    await this.sandbox.alone('"start here"', async () => {
      await this.progress.whilePreparing(
        lesson,
        before.map(({ id }) => id),
        async () => {
          const running = await this.sandbox.replace()
          await prepareSteps(running, before, (done, total) =>
            this.#emit({ type: 'preparing', lesson, step, done, total }),
          )
        },
      )
    })
    this.watcher.look()
  }

  async restartTerminal(name: string): Promise<void> {
    const running = await this.sandbox.ensure()
    await running.link.restart(name)
    this.announceSandbox()
  }

  async closeTerminal(name: string): Promise<void> {
    await this.sandbox.current?.link.close(name)
    this.announceSandbox()
  }

  async stopProcesses(): Promise<void> {
    const running = await this.sandbox.ensure()
    await running.sandbox.stopProcesses()
    this.watcher.look()
  }

  /** Keeps what the page remembers, as far as there are such steps. */
  merge(done: readonly { lesson: string; step: string; at: number }[]): void {
    const { lessons } = this.#options
    this.progress.merge(
      done.filter(({ lesson, step }) => lessons.get(lesson)?.lesson.steps[step] !== undefined),
    )
  }

  async end({ destroy }: { destroy: boolean }): Promise<void> {
    this.watcher.stop()
    await this.sandbox.end({ destroy })
    if (destroy) this.#options.store.setSandboxes(this.#options.learner, [])
  }

  #attach(running: RunningSandbox): void {
    running.onActivity = () => {
      this.sandbox.touch()
      this.watcher.activity()
      // Typing wakes a sandbox that sleeps; what was typed waits in the socket until it does.
      if (this.phase === 'frozen') this.sandbox.ensure().catch(() => {}) // the state says what went wrong
    }
    running.onTerminals = () => this.announceSandbox()
    for (const cut of this.#terminals) cut()
    this.watcher.forget()
  }

  #find(lesson: string, step?: string): LoadedLesson {
    const found = this.#options.lessons.get(lesson)
    if (found && (step === undefined || found.lesson.steps[step])) return found
    throw new WorkbookError({
      code: 'unknown-step',
      expected: 'a lesson and a step that there are',
      found: step === undefined ? `"${lesson}"` : `"${lesson}/${step}"`,
      remedy: 'Reload the page: the workbook may have changed.',
    })
  }

  #emit(event: ControlEvent): void {
    for (const listener of this.#listeners) listener(event)
  }
}
