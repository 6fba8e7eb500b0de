/** The sandbox before a reset: kept frozen for a while, so that a reset can be undone. */
import type { RunningSandbox } from './running-sandbox.ts'

/** Ten minutes: long enough to notice, short enough not to pile up. */
const KEPT_MS = 10 * 60_000

export class KeptSandbox {
  readonly #onGone: () => void
  readonly #onError: (error: unknown) => void
  #held: { running: RunningSandbox; until: number; timer: ReturnType<typeof setTimeout> } | null = null

  constructor(onGone: () => void, onError: (error: unknown) => void) {
    this.#onGone = onGone
    this.#onError = onError
  }

  /** Milliseconds since the epoch; null when nothing is kept. */
  get until(): number | null {
    return this.#held?.until ?? null
  }

  stored() {
    return this.#held && ({ id: this.#held.running.id, role: 'kept', keptUntil: this.#held.until } as const)
  }

  /** One is kept at a time: the one before it goes. */
  hold(running: RunningSandbox, until = Date.now() + KEPT_MS): void {
    this.#destroy(this.release())
    const timer = setTimeout(
      () => {
        this.#destroy(this.release())
        this.#onGone()
      },
      Math.max(0, until - Date.now()),
    ).unref()
    this.#held = { running, until, timer }
  }

  /** Hands it over; nothing is kept afterwards. */
  release(): RunningSandbox | null {
    const held = this.#held
    this.#held = null
    clearTimeout(held?.timer)
    return held?.running ?? null
  }

  #destroy(running: RunningSandbox | null): void {
    running?.destroy().catch(this.#onError)
  }
}
