/** `node e2e/readme-picture.ts`: takes the README's picture anew, of the real thing. */
import { join } from 'node:path'
import { WorkbookProcess } from '../sandbox-server/test/workbook-process.ts'
import { launchBrowser } from './browser.ts'

const workbook = new WorkbookProcess()
const [browser] = await Promise.all([launchBrowser(), workbook.start()])
try {
  const page = await (await browser.newContext({ viewport: { width: 1360, height: 860 } })).newPage()
  await page.goto(workbook.url)
  await page.goto(`${workbook.origin}/1-cgroups-and-namespaces/05-pids-max/`)
  for (const step of ['cage', 'cap']) {
    const buttons = page
      .locator(`section#${step}`)
      .getByRole('button', { name: 'Run' })
      .locator('visible=true')
    for (const button of await buttons.all()) {
      await button.click()
      await page.waitForTimeout(800)
    }
  }
  await page.locator('.xterm:visible').click()
  await page.keyboard.type('ls | wc -l\n')
  await page.waitForTimeout(1500)
  await page
    .locator('section#cap')
    .evaluate((step) => scrollTo(0, step.getBoundingClientRect().top + scrollY - 90))
  await page.waitForTimeout(800)
  await page.screenshot({ path: join(import.meta.dirname, '..', 'docs', 'public', 'lesson.png') })
} finally {
  await browser.close()
  await workbook.destroy()
}
