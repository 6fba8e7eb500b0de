/** A learner's first hour: the link, the first Run, typing by hand, ticks, a reload, a server that dies and comes back. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { WorkbookProcess } from '../sandbox-server/test/workbook-process.ts'
import { launchBrowser, screenshot, terminalText } from './browser.ts'

const workbook = new WorkbookProcess()
const LESSON = '/1-cgroups-and-namespaces/05-pids-max/'
const LFNW = '/sys/fs/cgroup/pids/lfnw'
let browser: Browser
let page: Page
const complaints: string[] = []

beforeAll(async () => {
  ;[browser] = await Promise.all([launchBrowser(), workbook.start()])
  page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage()
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('console', (message) => {
    // The browser itself reports every lost connection; that is not ours to silence.
    if (message.type() === 'error' && !/WebSocket|ERR_CONNECTION/.test(message.text()))
      complaints.push(message.text())
  })
})
afterAll(async () => {
  await browser?.close()
  await workbook.destroy()
})

const step = (id: string) => page.locator(`section#${id}`)
const isDone = (id: string) => expect.poll(() => step(id).getAttribute('class'), POLL).toMatch(/\bdone\b/)
const shows = (text: string | RegExp) => expect.poll(() => terminalText(page), POLL).toMatch(text)
const POLL = { timeout: 20_000, interval: 50 }

/** Presses Run on the n-th command of a step that is shown. */
async function run(id: string, at: number): Promise<void> {
  await step(id).getByRole('button', { name: 'Run' }).locator('visible=true').nth(at).click()
}

it('the printed link leads to the workbook, and the token is gone from the address', async () => {
  await page.goto(workbook.url)
  expect(page.url()).not.toContain('token')
  await page.getByRole('link', { name: 'Start the first lesson' }).click()
  await expect.poll(() => page.url(), POLL).toContain('/1-cgroups-and-namespaces/')
})

it('xterm is loaded with the first shell, not before', async () => {
  const scripts: string[] = []
  page.on('response', (response) => scripts.push(response.url()))
  await page.goto(workbook.origin + LESSON, { waitUntil: 'networkidle' })
  expect(scripts.some((url) => /Screens|xterm/.test(url))).toBe(false)
  await run('cage', 0)
  await shows('root@lab')
  expect(scripts.some((url) => /Screens|xterm/.test(url))).toBe(true)
})

it('Run types the command, and the step ticks because the kernel changed', async () => {
  await shows(/sudo mkdir -p \/sys\/fs\/cgroup\/pids\/lfnw/)
  await expect.poll(() => step('cage').innerText(), POLL).toContain('it is in /')
  expect(await step('cage').getAttribute('class')).not.toMatch(/\bdone\b/)
  await run('cage', 1)
  await isDone('cage')
  await expect.poll(() => step('cage').innerText()).toMatch(/process \d+ \(bash\) is in \/lfnw/)
})

it('what is typed by hand counts as much', async () => {
  await page.locator('.xterm:visible').click()
  await page.keyboard.type(`echo 20 > ${LFNW}/pids.max\n`)
  await expect.poll(() => step('cap').innerText(), POLL).toMatch(/pids\.max of \/lfnw to be 2[\s\S]*it is 20/)
  await page.keyboard.type(`echo 2 > ${LFNW}/pids.max\n`)
  await isDone('cap')
})

it('a state that has gone says so, and the tick stays', async () => {
  await page.keyboard.type(`echo max > ${LFNW}/pids.max\n`)
  await expect.poll(() => step('cap').innerText(), POLL).toContain('no longer true')
  await page.keyboard.type(`echo 2 > ${LFNW}/pids.max\n`)
  await isDone('cap')
  await screenshot(page, 'lesson-at-work')
})

it('a reload finds shell, scrollback and ticks', async () => {
  await page.keyboard.type('mark=kept; echo before-the-reload\n')
  await shows(/^before-the-reload$/m)
  await page.reload()
  await shows(/^before-the-reload$/m)
  await isDone('cap')
  await page.locator('.xterm:visible').click()
  await page.keyboard.type('echo [$mark]\n')
  await shows(/^\[kept\]$/m)
})

it('a full-screen program is there again after a reload, and the shell gets no stray keys', async () => {
  await page.keyboard.type(`echo max > ${LFNW}/pids.max; seq 500 | less\n`)
  await shows(/^20$/m)
  await page.reload()
  await shows(/^20$/m)
  await page.locator('.xterm:visible').click()
  await page.keyboard.type('qecho [back]\n')
  await shows(/^\[back\]$/m)
  expect(await terminalText(page)).not.toMatch(/;1R|;\d+c/)
  await page.keyboard.type(`echo 2 > ${LFNW}/pids.max\n`)
})

it('the server is killed with -9 and comes back: same shell, same scrollback, progress there', async () => {
  await workbook.end('SIGKILL')
  await page
    .getByText(/connection is gone/i)
    .first()
    .waitFor()
  await page.keyboard.type('echo lost\n') // typed into nothing: never sent later
  await workbook.start()
  await expect
    .poll(
      () =>
        page
          .getByText(/connection is gone/i)
          .locator('visible=true')
          .count(),
      POLL,
    )
    .toBe(0)
  await page.locator('.xterm:visible').click()
  await page.keyboard.type('echo still [$mark]\n')
  await shows(/^still \[kept\]$/m)
  const text = await terminalText(page)
  expect(text).toMatch(/^\[back\]$/m)
  expect(text).not.toMatch(/^lost$/m)
  await isDone('cage')
})

it('two shells side by side, and a command that goes to the second', async () => {
  await page.getByRole('button', { name: 'Open another shell' }).click()
  await expect.poll(() => page.getByRole('button', { name: 'shell 2', exact: true }).count()).toBe(1)
  await shows('root@lab')
  await page.locator('.xterm:visible').click()
  await page.keyboard.type('echo second\n')
  await shows(/^second$/m)
  await page.getByRole('button', { name: 'shell 1', exact: true }).click()
  await shows(/^still \[kept\]$/m)
})

it('the shell ends, says so, and starts anew when asked', async () => {
  await page.locator('.xterm:visible').click()
  await page.keyboard.type('exit\n')
  await page.getByRole('button', { name: /start a new one/i }).click()
  await page.locator('.xterm:visible').click()
  await page.keyboard.type('echo anew\n')
  await shows(/^anew$/m)
})

it('"start here" types what comes before, and an undo brings the old sandbox back', async () => {
  await step('above').getByRole('button', { name: 'Start here' }).click()
  await page.getByText(/Typing the steps before/).waitFor()
  await expect
    .poll(() => step('above').innerText(), { ...POLL, timeout: 60_000 })
    .toMatch(/it is in (?:\/ and )?\/lfnw/)
  await shows(/Resource temporarily unavailable/)
  await page.getByText(/Typing the steps before/).waitFor({ state: 'hidden' })
  await page.getByRole('button', { name: 'Undo' }).click()
  await page.getByRole('button', { name: 'shell 1', exact: true }).click()
  await shows(/^anew$/m)
})

it('on a phone the same shell is a sheet, and Run shows the end of what it did', async () => {
  const phone = await (
    await browser.newContext({ viewport: { width: 390, height: 844 }, reducedMotion: 'reduce' })
  ).newPage()
  await phone.goto(workbook.url)
  await phone.goto(`${workbook.origin}/1-cgroups-and-namespaces/04-make-a-group/`)
  await phone.getByRole('button', { name: 'Raise the terminal' }).waitFor()
  const run = phone
    .locator('section#look')
    .getByRole('button', { name: 'Run' })
    .locator('visible=true')
    .first()
  for (let time = 0; time < 2; time++) {
    await run.click()
    await expect.poll(() => terminalText(phone), POLL).toMatch(/0::\/[^\n]*\nroot@lab:~#\s*$/)
  }
  await phone.context().close()
})

it('the page has nothing to complain of', () => {
  expect(complaints).toEqual([])
})
