/** Puts a sandbox nobody uses to sleep, and has it cleared away when it has slept for long. */

export interface IdleTimes {
  /** Milliseconds without activity until it is frozen. */
  readonly freezeAfter: number
  /** Milliseconds asleep until it is cleared away. */
  readonly collectAfter: number
}

/** An hour is longer than a pause; three days are longer than a weekend. */
export const DEFAULT_IDLE: IdleTimes = { freezeAfter: 3_600_000, collectAfter: 72 * 3_600_000 }

export interface IdleDeeds {
  /** @param until when (ms since the epoch) it will be cleared away. */
  readonly sleep: (until: number) => Promise<void>
  readonly collect: () => Promise<void>
  readonly onError: (error: unknown) => void
}

export class IdleClock {
  readonly #times: IdleTimes
  readonly #deeds: IdleDeeds
  #timer: ReturnType<typeof setTimeout> | undefined
  #lastRestart = 0

  constructor(times: IdleTimes, deeds: IdleDeeds) {
    this.#times = times
    this.#deeds = deeds
  }

  get minutes(): number {
    return Math.round(this.#times.freezeAfter / 60_000)
  }

  /** Called for every chunk of output: the timer is set anew once a second at most. */
  touch(): void {
    const now = Date.now()
    if (this.#timer && now - this.#lastRestart < 1000) return
    this.#lastRestart = now
    this.#after(this.#times.freezeAfter, async () => {
      await this.#deeds.sleep(this.slept())
    })
  }

  /** It sleeps from now on. @returns when it will be cleared away. */
  slept(): number {
    this.#after(this.#times.collectAfter, this.#deeds.collect)
    return Date.now() + this.#times.collectAfter
  }

  stop(): void {
    clearTimeout(this.#timer)
  }

  #after(ms: number, work: () => Promise<void>): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void work().catch(this.#deeds.onError), ms).unref()
  }
}
