/** All learners at work, and whose sandbox is whose after a restart. */
import type { LoadedLesson } from '@docker-internals/lessons'
import type { Sandbox, SandboxHost } from '@docker-internals/runtime'
import type { Store } from '../store/store.ts'
import type { IdleTimes } from './idle-clock.ts'
import { LearnerSession } from './learner-session.ts'
import { RunningSandbox } from './running-sandbox.ts'

export interface SessionsOptions {
  readonly host: SandboxHost
  readonly store: Store
  readonly lessons: readonly LoadedLesson[]
  readonly idle: IdleTimes
  readonly log: (error: unknown, words: string) => void
  readonly warn: (words: string) => void
  readonly info: (facts: object, words: string) => void
}

export class Sessions {
  readonly #options: SessionsOptions
  readonly #lessons: ReadonlyMap<string, LoadedLesson>
  readonly #sessions = new Map<string, LearnerSession>()

  constructor(options: SessionsOptions) {
    this.#options = options
    this.#lessons = new Map(options.lessons.map((lesson) => [lesson.page.id, lesson]))
  }

  of(learner: string): LearnerSession {
    const known = this.#sessions.get(learner)
    if (known) return known
    const { host, store, idle, log, info, warn } = this.#options
    const session = new LearnerSession({
      ...{ learner, store, idle, log },
      lessons: this.#lessons,
      create: async () => {
        const since = performance.now()
        const sandbox = await host.create({ name: learner.slice(0, 8) })
        info({ sandbox: sandbox.id, ms: Math.round(performance.now() - since) }, 'sandbox started')
        return RunningSandbox.attach(sandbox, warn)
      },
    })
    this.#sessions.set(learner, session)
    return session
  }

  /** Gives each sandbox that outlived the server back to its learner; one that is nobody's was half-made and goes. */
  async adopt(): Promise<void> {
    const { host, store, log } = this.#options
    const stored = store.sandboxes()
    const running = new Map(host.adopted.map((sandbox) => [sandbox.id, sandbox]))
    for (const learner of new Set(stored.map((each) => each.learner))) {
      const find = (role: 'current' | 'kept') =>
        stored.find((each) => each.learner === learner && each.role === role)
      const current = await this.#attach(running.get(find('current')?.id ?? ''))
      const kept = await this.#attach(running.get(find('kept')?.id ?? ''))
      await this.of(learner).sandbox.adopt(
        current,
        kept && { running: kept, until: find('kept')!.keptUntil ?? Date.now() },
      )
    }
    const known = new Set(stored.map(({ id }) => id))
    const strays = host.adopted.filter(({ id }) => !known.has(id))
    await Promise.all(
      strays.map((sandbox) => sandbox.destroy().catch((error) => log(error, 'a stray sandbox remains'))),
    )
  }

  /** Null when there is none, or when nothing can be done with it any more. */
  async #attach(sandbox: Sandbox | undefined): Promise<RunningSandbox | null> {
    if (!sandbox) return null
    try {
      return await RunningSandbox.attach(sandbox, this.#options.warn)
    } catch (error) {
      const { log } = this.#options
      log(error, 'a sandbox that outlived the server could not be taken over')
      await sandbox.destroy().catch((fault) => log(fault, 'it remains'))
      return null
    }
  }

  async end(options: { destroy: boolean }): Promise<void> {
    await Promise.all([...this.#sessions.values()].map((session) => session.end(options)))
  }
}
