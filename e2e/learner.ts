/** A learner in a real browser who does whole lessons: presses every Run, answers what is asked, waits for the ticks. */
import type { Locator, Page } from 'playwright-core'
import type { LoadedLesson } from '../lessons/src/index.ts'
import { type CgroupVersion, type CommandBlock, forVersion } from '../runtime/src/model/index.ts'
import { terminalText } from './browser.ts'

/** The last line is the shell's prompt, and nothing after it. */
const PROMPT = /[#$>] ?$/
/** Milliseconds between two looks at the screen. */
const LOOK = 150
/** Names of the terminals' tabs, as theme/dock/shell-name.ts gives them. */
const TAB = (terminal: string) => `shell ${terminal.charCodeAt(0) - 96}`

export interface LearnerOptions {
  readonly version: CgroupVersion
  /** Milliseconds a command or a tick may take. */
  readonly patience: number
}

export class Learner {
  readonly page: Page
  readonly #options: LearnerOptions

  constructor(page: Page, options: LearnerOptions) {
    this.page = page
    this.#options = options
  }

  /** Does every step of the lesson on the page. @throws Error that names the step and what its check sees. */
  async doLesson({ page: { steps }, lesson }: LoadedLesson): Promise<void> {
    for (const step of steps) {
      const section = this.page.locator(`section#${step.id}`)
      const shown = step.commands.filter(
        ({ version }) => version === null || version === this.#options.version,
      )
      const buttons = section.getByRole('button', { name: /^(Run|Press)$/ }).locator('visible=true')
      for (const [at, block] of shown.entries()) await this.#press(buttons.nth(at), block)
      const { answer } = lesson.steps[step.id]!
      if (answer !== undefined) await this.#answer(section, forVersion(answer, this.#options.version))
      await this.#tick(section, step.id)
    }
  }

  /** The shell of the dock, as it was left. */
  async openShell(): Promise<void> {
    if ((await this.page.locator('.xterm:visible').count()) === 0)
      await this.page
        .getByRole('button', { name: /open a (shell|terminal)|start/i })
        .first()
        .click()
    await this.#prompt('')
  }

  /** Types a line into the terminal in front, and waits for the prompt. @returns what is on the screen then. */
  async type(line: string): Promise<string> {
    await this.page.locator('.xterm:visible').click()
    const before = await terminalText(this.page)
    await this.page.keyboard.type(`${line}\n`)
    return this.#prompt(before)
  }

  async #press(button: Locator, block: CommandBlock): Promise<void> {
    const screen = await this.#screen()
    await button.click()
    if (block.stays || block.key) await this.#changed(screen)
    else await this.#prompt(screen)
  }

  /** As a learner would: runs what shows it in the first shell, and copies the last line. */
  async #answer(section: Locator, command: string): Promise<void> {
    await this.page.getByRole('button', { name: TAB('a'), exact: true }).click()
    await this.#prompt('')
    const end = `answer-${Date.now()}`
    const screen = await this.type(`${command}; echo ${end}`)
    const lines = screen.split('\n')
    const at = lines.lastIndexOf(end)
    await section.getByRole('textbox').fill(lines[at - 1] ?? '')
    await section.getByRole('button', { name: 'Answer' }).click()
  }

  async #tick(section: Locator, step: string): Promise<void> {
    const done = await this.#until(async () => /\bdone\b/.test((await section.getAttribute('class')) ?? ''))
    if (!done) throw new Error(`step "${step}" was not ticked: ${(await section.innerText()).slice(-400)}`)
  }

  /** @param before the screen before something was typed. */
  async #prompt(before: string): Promise<string> {
    let last = ''
    const back = await this.#until(async () => {
      const screen = await this.#screen()
      const still = screen === last && screen !== before && PROMPT.test(screen.trimEnd())
      last = screen
      return still
    })
    if (!back) throw new Error(`no prompt came back:\n${last.trimEnd()}`)
    return last
  }

  async #changed(before: string): Promise<void> {
    await this.#until(async () => (await this.#screen()) !== before)
    await this.page.waitForTimeout(4 * LOOK)
  }

  async #screen(): Promise<string> {
    return (await this.page.locator('.xterm:visible').count()) > 0 ? terminalText(this.page) : ''
  }

  async #until(happened: () => Promise<boolean>): Promise<boolean> {
    const deadline = Date.now() + this.#options.patience
    while (Date.now() < deadline) {
      if (await happened()) return true
      await this.page.waitForTimeout(LOOK)
    }
    return false
  }
}
