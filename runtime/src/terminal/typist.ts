/**
 * Types like a patient person: a line, then nothing until the shell waits for the next one.
 * The prover types a lesson's commands through this, and "start here" those of the steps before.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { keyBytes } from '../model/keys.ts'
import type { CommandBlock } from '../model/page.ts'
import { WorkbookError } from '../model/workbook-error.ts'
import { type Foreground, foreground } from './foreground.ts'
import type { TerminalLink } from './terminal-link.ts'
import { Transcript } from './transcript.ts'

export interface TypistOptions {
  readonly link: TerminalLink
  /** Host pid of a terminal's own shell; null when it has none. */
  readonly shellPid: (terminal: string) => Promise<number | null>
  /** Milliseconds until a line is given up; 60 s when absent (bash alone tries fork(2) again for 15 s). */
  readonly timeout?: number
}

export type TypedBlock = Omit<CommandBlock, 'line' | 'version'>

const SIZE = { cols: 100, rows: 30 }
/** Longest look-away (ms) while a command runs. */
const PAUSE_MS = 25
/** Two looks this far apart (ms) must agree: what was written to the pty reaches the shell a moment later. */
const CALM_MS = 12
/** A program of another terminal within this one (`docker exec -it`, `telnet`) that has been quiet for so long (ms) after what looks like a prompt. */
const QUIET_MS = 600
const LOOKS_LIKE_PROMPT = /[#$>%] (?:\u001b\[[0-9;?]*[A-Za-z]|\u001b\]133;[^\u0007]*\u0007)*$/
/** Time (ms) for a program that stays to start. */
const START_MS = 250

export class Typist {
  readonly #options: TypistOptions
  readonly #transcripts = new Map<string, Transcript>()

  constructor(options: TypistOptions) {
    this.#options = options
  }

  /**
   * Types a block, opening its terminal when it is not open. Lines are entered one by one, each when the shell is ready again.
   * @returns what the terminal put out meanwhile: echo, output and the prompt after it.
   * @throws WorkbookError `not-ready` when a command does not come to an end, `no-shell`, `terminals-away`
   */
  async type({ code, terminal, stays, key }: TypedBlock): Promise<string> {
    const transcript = await this.#listen(terminal)
    const from = transcript.end
    if (key !== null) await this.#enter(terminal, keyBytes(key), stays)
    else {
      const lines = code.split('\n')
      for (const [at, line] of lines.entries())
        await this.#enter(terminal, `${line}\r`, stays && at === lines.length - 1)
    }
    return this.#outputSince(terminal, from)
  }

  /** Stops listening; the terminals stay. */
  stop(): void {
    for (const transcript of this.#transcripts.values()) transcript.stop()
    this.#transcripts.clear()
  }

  /** Opens a terminal unless it is open, and waits for its prompt. */
  async open(terminal: string): Promise<void> {
    await this.#listen(terminal)
  }

  async #listen(terminal: string): Promise<Transcript> {
    const { link } = this.#options
    const known = this.#transcripts.get(terminal)
    if (known && !known.isLost) return known
    await link.open(terminal, SIZE)
    const transcript = new Transcript(link, terminal)
    this.#transcripts.set(terminal, transcript)
    await this.#untilReady(terminal, { pid: 0, isReady: false, switches: 0 }, 'its first prompt', 0)
    return transcript
  }

  async #enter(terminal: string, bytes: string, stays: boolean): Promise<void> {
    const before = await this.#look(terminal)
    const end = this.#transcripts.get(terminal)!.end
    await this.#options.link.write(terminal, Buffer.from(bytes))
    if (stays) await sleep(START_MS)
    else await this.#untilReady(terminal, before, bytes.trim(), end)
  }

  async #untilReady(terminal: string, before: Foreground | null, what: string, from: number): Promise<void> {
    const { link, timeout = 60_000 } = this.#options
    const transcript = this.#transcripts.get(terminal)!
    const started = performance.now()
    let last = null as { foreground: Foreground; end: number; since: number } | null
    for (let pause = 2; performance.now() - started < timeout; pause = Math.min(pause * 2, PAUSE_MS)) {
      await sleep(last ? Math.max(pause, CALM_MS) : pause)
      if (!link.shells().has(terminal)) return // the shell has ended: nothing more is to be waited for
      const now = await this.#look(terminal)
      if (!now) {
        last = null
        continue
      }
      const end = await link.settled(terminal)
      const isSame: boolean =
        last?.foreground.pid === now.pid && last.foreground.switches === now.switches && last.end === end
      last = isSame ? last : { foreground: now, end, since: performance.now() }
      const hasMoved = now.pid !== before?.pid || now.switches !== before.switches
      if (isSame && hasMoved && now.isReady) return
      const isQuiet = performance.now() - last!.since > QUIET_MS
      if (isQuiet && !now.isReady && end > from && LOOKS_LIKE_PROMPT.test(transcript.since(from))) return
    }
    throw new WorkbookError({
      code: 'not-ready',
      expected: `the shell in terminal ${terminal} to be ready again within ${Math.round(timeout / 1000)} s of ${JSON.stringify(what)}`,
      found: `its last words were ${JSON.stringify(transcript.since(from).slice(-200))}`,
      remedy: 'A program that stays in the foreground needs `stays` on its fence.',
    })
  }

  async #look(terminal: string): Promise<Foreground | null> {
    const pid = await this.#options.shellPid(terminal)
    return pid === null ? null : foreground(pid)
  }

  /** All that was written to the terminal so far, also what is still on its way. */
  async #outputSince(terminal: string, from: number): Promise<string> {
    const transcript = this.#transcripts.get(terminal)!
    const { link } = this.#options
    const end = link.terminals().includes(terminal) ? await link.settled(terminal) : transcript.end
    for (let waited = 0; transcript.end < end && !transcript.isLost && waited < 1000; waited += 5)
      await sleep(5)
    return transcript.since(from)
  }
}
