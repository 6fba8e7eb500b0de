/** Typing on a learner's behalf: waits until the terminal is there, then sends the bytes once and never again. */
export interface Keyboard {
  /** Sends input; false when there is no connection and nothing was sent. */
  type(text: string): boolean
}

/** A sandbox that has to be started first takes a second or two; longer means that something is wrong. */
const PATIENCE_MS = 15_000

const keyboards = new Map<string, Keyboard>()
const waiting = new Map<string, Set<() => void>>()

/** A terminal that can be typed into says so here; null when it no longer can. */
export function announceKeyboard(name: string, keyboard: Keyboard | null): void {
  if (!keyboard) {
    keyboards.delete(name)
    return
  }
  keyboards.set(name, keyboard)
  for (const go of waiting.get(name) ?? []) go()
  waiting.delete(name)
}

/** @returns false when the terminal did not come in time or its connection is gone. */
export async function typeInto(name: string, text: string): Promise<boolean> {
  if (!keyboards.has(name)) await arrival(name)
  return keyboards.get(name)?.type(text) ?? false
}

function arrival(name: string): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, PATIENCE_MS)
    const waiters = waiting.get(name) ?? new Set()
    waiters.add(() => {
      clearTimeout(timer)
      resolve()
    })
    waiting.set(name, waiters)
  })
}
