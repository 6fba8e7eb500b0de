/** A bucket of tokens: `burst` at once, `perSecond` in the long run. */
export class RateLimit {
  readonly #burst: number
  readonly #perMs: number
  #tokens: number
  #at = performance.now()

  constructor({ burst, perSecond }: { burst: number; perSecond: number }) {
    this.#burst = burst
    this.#perMs = perSecond / 1000
    this.#tokens = burst
  }

  /** False when there was none left to take. */
  take(): boolean {
    if (this.#tokens < 1) {
      const now = performance.now()
      this.#tokens = Math.min(this.#burst, this.#tokens + (now - this.#at) * this.#perMs)
      this.#at = now
      if (this.#tokens < 1) return false
    }
    this.#tokens -= 1
    return true
  }
}
