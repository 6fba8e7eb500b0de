/** Programs on a pty of their own, as a person would start them, timed until they show a prompt. */
import { setTimeout as sleep } from 'node:timers/promises'
import { type IPty, spawn } from 'node-pty'

export interface Prompted {
  readonly ms: number
  /** Types `exit` and waits for the end. */
  end(): Promise<void>
}

const TIMEOUT_MS = 30_000

/** @throws Error when there is no prompt in time or the program ends before. */
export async function untilPrompt(argv: readonly string[], prompt: RegExp): Promise<Prompted> {
  const started = performance.now()
  const pty: IPty = spawn(argv[0]!, argv.slice(1), { cols: 100, rows: 30 })
  let shown = ''
  let ms = 0
  let hasEnded = false
  const ended = new Promise<void>((resolve) =>
    pty.onExit(() => {
      hasEnded = true
      resolve()
    }),
  )
  const prompted = new Promise<void>((resolve) =>
    pty.onData((text) => {
      shown += text
      if (ms > 0 || !prompt.test(shown)) return
      ms = performance.now() - started
      resolve()
    }),
  )
  await Promise.race([prompted, ended, sleep(TIMEOUT_MS, undefined, { ref: false })])
  if (ms === 0) {
    if (!hasEnded) pty.kill('SIGKILL')
    throw new Error(`${argv.join(' ')} showed no prompt: ${JSON.stringify(shown.slice(-500))}`)
  }
  return {
    ms,
    async end() {
      pty.write('exit\r')
      await ended
    },
  }
}
