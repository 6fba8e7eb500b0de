/** When to look: shortly after activity has settled, and now and then while it does not. */

/** Milliseconds of quiet after which the kernel is looked at: below what feels like waiting, above the gaps within one command's output. */
const SETTLED_MS = 150
/** Milliseconds after which it is looked at although output goes on. */
const AT_LATEST_MS = 1000

export class Settle {
  readonly #look: () => void
  #timer: ReturnType<typeof setTimeout> | undefined
  #firstAt: number | null = null

  constructor(look: () => void) {
    this.#look = look
  }

  activity(): void {
    const now = Date.now()
    this.#firstAt ??= now
    clearTimeout(this.#timer)
    this.#timer = setTimeout(
      () => {
        this.#firstAt = null
        this.#look()
      },
      Math.max(0, Math.min(SETTLED_MS, this.#firstAt + AT_LATEST_MS - now)),
    )
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#firstAt = null
  }
}
