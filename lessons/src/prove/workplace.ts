/** A fresh sandbox with everything that a learner's page would have: terminals to type into and the kernel's account of it. */
import {
  Observer,
  type Sandbox,
  type SandboxHost,
  shellPidOf,
  TerminalLink,
  Typist,
} from '@docker-internals/runtime'
import type { CommandBlock, Observation, PageStep, Typed } from '@docker-internals/runtime/model'
import type { LoadedLesson } from '../catalogue.ts'
import { type JudgedStep, judgeStep } from '../judge.ts'
import { commandOutput } from './command-output.ts'

/** The terminals' own shell is the one that checks ask for. */
const MAIN_TERMINAL = 'a'

export class Workplace {
  readonly sandbox: Sandbox
  readonly #lesson: LoadedLesson
  readonly #link: TerminalLink
  readonly #observer: Observer
  readonly #typist: Typist
  readonly #signal: AbortSignal
  readonly #stop = () => void this.close().catch(() => {}) // whoever waits for the sandbox's end hears of it

  private constructor(lesson: LoadedLesson, sandbox: Sandbox, link: TerminalLink, signal: AbortSignal) {
    this.#lesson = lesson
    this.#signal = signal
    signal.addEventListener('abort', this.#stop)
    this.sandbox = sandbox
    this.#link = link
    this.#observer = new Observer(sandbox)
    this.#typist = new Typist({ link, shellPid: shellPidOf(this.#observer, link) })
  }

  /**
   * @param signal ends the sandbox, and whatever is being typed into it, at once.
   * @throws WorkbookError when the sandbox does not start; nothing is left of it then.
   */
  static async open(host: SandboxHost, lesson: LoadedLesson, signal: AbortSignal): Promise<Workplace> {
    signal.throwIfAborted()
    const sandbox = await host.create({ name: lesson.page.id })
    const link = await TerminalLink.listen(sandbox.terminalSocket, {
      revive: (options) => sandbox.startTerminalHost(options),
    }).catch(async (error) => {
      await sandbox.destroy()
      throw error
    })
    const workplace = new Workplace(lesson, sandbox, link, signal)
    try {
      if (lesson.lesson.needs?.includes('docker')) await sandbox.startDocker()
      await workplace.#typist.open(MAIN_TERMINAL)
      return workplace
    } catch (error) {
      await workplace.close() // its link too: a socket that still listens keeps the prover from ending
      throw error
    }
  }

  /** @returns what the terminal showed meanwhile, raw. */
  run(block: CommandBlock): Promise<string> {
    return this.#typist.type(block)
  }

  /** Types all commands of a step. */
  async runStep({ commands }: PageStep): Promise<{ block: CommandBlock; output: string }[]> {
    const typed = []
    for (const block of commands)
      if (block.version === null || block.version === this.sandbox.version)
        typed.push({ block, output: await this.run(block) })
    return typed
  }

  /** Types a near miss or an alternative, or the undoing of one. */
  async type({ run, in: terminal = MAIN_TERMINAL, stays = false }: Typed): Promise<void> {
    await this.#typist.type({ code: this.flavour(run), terminal, stays, key: null })
  }

  flavour(text: Typed['run']): string {
    return typeof text === 'string' ? text : text[this.sandbox.version]
  }

  /** The last line that a command prints in the first terminal. */
  async lastLine(command: string): Promise<string> {
    const raw = await this.#typist.type({ code: command, terminal: MAIN_TERMINAL, stays: false, key: null })
    return (await commandOutput(raw, command)).trim().split('\n').at(-1) ?? ''
  }

  async observe(answer: string | null = null): Promise<Observation> {
    this.#signal.throwIfAborted()
    return this.#observer.observe({ answer, shells: this.#link.shells() })
  }

  async judge(step: string, done: ReadonlySet<string>, answer: string | null = null): Promise<JudgedStep> {
    return judgeStep(this.#lesson, step, await this.observe(answer), done)
  }

  async close(): Promise<void> {
    this.#signal.removeEventListener('abort', this.#stop)
    this.#typist.stop()
    await this.#link.stop()
    await this.sandbox.destroy()
  }
}
