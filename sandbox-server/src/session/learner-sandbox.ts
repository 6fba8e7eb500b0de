/**
 * A learner's sandbox through its life: made when first needed, replaced, put to sleep, found again.
 * One at a time is current; the one before a reset is kept frozen for a while.
 */
import { WorkbookError } from '@docker-internals/runtime/model'
import { IdleClock, type IdleTimes } from './idle-clock.ts'
import { KeptSandbox } from './kept-sandbox.ts'
import {
  asleep,
  collected,
  ended,
  failed,
  NONE,
  RUNNING,
  type SandboxState,
  STARTING,
  WAKING,
} from './phase.ts'
import type { RunningSandbox } from './running-sandbox.ts'

export interface LearnerSandboxOptions {
  /** Makes a sandbox and attaches to it. */
  readonly create: () => Promise<RunningSandbox>
  readonly idle: IdleTimes
  /** Another sandbox is current now. */
  readonly onReplaced: (running: RunningSandbox) => void
  /** The state, the kept sandbox or the current one changed. */
  readonly onChange: () => void
  readonly log: (error: unknown, words: string) => void
}

export class LearnerSandbox {
  readonly #options: LearnerSandboxOptions
  readonly #kept: KeptSandbox
  readonly #idle: IdleClock
  #current: RunningSandbox | null = null
  #state: SandboxState = NONE
  #starting: Promise<RunningSandbox> | null = null
  #underWay: string | null = null

  constructor(options: LearnerSandboxOptions) {
    this.#options = options
    this.#kept = new KeptSandbox(options.onChange, (error) => options.log(error, 'a kept sandbox remains'))
    this.#idle = new IdleClock(options.idle, {
      sleep: (until) => this.#sleep(until),
      collect: () => this.#collect(),
      onError: (error) => options.log(error, 'an idle sandbox was not put to sleep'),
    })
  }

  get state(): SandboxState {
    return this.#state
  }

  /** Until when (ms since the epoch) a reset can be undone. */
  get undoUntil(): number | null {
    return this.#kept.until
  }

  get current(): RunningSandbox | null {
    return this.#current
  }

  /** What the store must know to find the sandboxes again. */
  stored() {
    const current = this.#current && ({ id: this.#current.id, role: 'current', keptUntil: null } as const)
    return [current, this.#kept.stored()].filter((each) => each !== null)
  }

  /** After a restart of the server: the sandboxes that outlived it. */
  async adopt(
    current: RunningSandbox | null,
    kept: { running: RunningSandbox; until: number } | null,
  ): Promise<void> {
    if (kept) this.#kept.hold(kept.running, kept.until)
    if (!current) return
    const frozen = await current.sandbox.frozen()
    this.#take(current, RUNNING)
    if (frozen) this.#setState(asleep(this.#idle.minutes, this.#idle.slept()))
  }

  /** Somebody works in it. */
  touch(): void {
    this.#idle.touch()
  }

  /** The running sandbox: made, woken, or replaced when it has ended. */
  async ensure(): Promise<RunningSandbox> {
    this.#idle.touch()
    if (this.#starting) return this.#starting
    const current = this.#current
    if (current && this.#state.phase === 'running' && (await current.sandbox.alive())) return current
    this.#starting ??= this.#start().finally(() => {
      this.#starting = null
    })
    return this.#starting
  }

  /** The running sandbox; null while there is none. Notices when it has ended. */
  async look(): Promise<RunningSandbox | null> {
    const current = this.#current
    if (!current || this.#state.phase !== 'running') return null
    if (await current.sandbox.alive()) return current
    if (this.#current === current && !this.#underWay && !this.#starting) this.#setState(ended())
    return null
  }

  /** One great change at a time: a second click must not throw away what the first has just made. @throws WorkbookError `busy` */
  async alone(what: string, work: () => Promise<void>): Promise<void> {
    if (this.#underWay)
      throw new WorkbookError({
        code: 'busy',
        expected: `to begin ${what}`,
        found: `${this.#underWay} under way`,
        remedy: 'Wait until it is finished.',
      })
    this.#underWay = what
    try {
      await this.#starting?.catch(() => {})
      await work()
    } finally {
      this.#underWay = null
    }
  }

  /** A fresh sandbox in place of the current one, which is kept frozen for a while. Only within `alone`. */
  async replace(): Promise<RunningSandbox> {
    const old = this.#current
    const before = this.#state
    this.#setState(STARTING)
    try {
      const fresh = await this.#options.create()
      if (old && (await old.sandbox.alive())) {
        if (!(await old.sandbox.frozen())) await old.sandbox.freeze()
        this.#kept.hold(old)
      } else await old?.destroy()
      this.#take(fresh, RUNNING)
      return fresh
    } catch (error) {
      this.#setState(old ? before : failed(error))
      throw error
    }
  }

  /** The kept sandbox takes its place again; the one since then goes. Only within `alone`. */
  async bringBack(): Promise<void> {
    const kept = this.#kept.release()
    if (!kept)
      throw new WorkbookError({
        code: 'nothing-to-undo',
        expected: 'a sandbox from before a reset',
        found: 'none; it is kept for ten minutes',
        remedy: 'Go on in the fresh one.',
      })
    const fresh = this.#current
    const before = this.#state
    this.#setState(WAKING)
    try {
      await kept.sandbox.thaw()
    } catch (error) {
      this.#setState(before)
      throw error
    }
    this.#take(kept, RUNNING)
    fresh?.destroy().catch((error) => this.#options.log(error, 'the sandbox of an undone reset remains'))
  }

  /** Lets go of everything; with `destroy` the sandboxes end too. */
  async end({ destroy }: { destroy: boolean }): Promise<void> {
    this.#idle.stop()
    await this.#starting?.catch(() => {})
    const all = [this.#current, this.#kept.release()].filter((each) => each !== null)
    this.#current = null
    await Promise.all(all.map((each) => (destroy ? each.destroy() : each.release())))
  }

  async #start(): Promise<RunningSandbox> {
    const current = this.#current
    try {
      if (current && (await current.sandbox.alive())) {
        this.#setState(WAKING)
        await current.sandbox.thaw()
        this.#setState(RUNNING)
        return current
      }
      this.#setState(STARTING)
      this.#current = null
      await current?.destroy()
      const running = await this.#options.create()
      this.#take(running, RUNNING)
      return running
    } catch (error) {
      this.#options.log(error, 'a sandbox did not start')
      this.#setState(failed(error))
      throw error
    }
  }

  #take(running: RunningSandbox, state: SandboxState): void {
    this.#current = running
    this.#idle.touch()
    this.#state = state
    this.#options.onReplaced(running)
    this.#options.onChange()
  }

  async #sleep(until: number): Promise<void> {
    if (this.#state.phase !== 'running' || this.#underWay || !this.#current) return
    await this.#current.sandbox.freeze()
    this.#setState(asleep(this.#idle.minutes, until))
  }

  async #collect(): Promise<void> {
    const current = this.#current
    if (this.#state.phase !== 'frozen' || this.#underWay || this.#starting || !current) return
    this.#current = null
    this.#setState(collected())
    await current.destroy()
  }

  #setState(state: SandboxState): void {
    this.#state = state
    this.#options.onChange()
  }
}
