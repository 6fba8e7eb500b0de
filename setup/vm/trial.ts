/** The lab as its user meets it, from this side of the forwarded port: a lesson in the browser, a restart of the machine, the proof. */
import type { Browser, Page } from 'playwright-core'
import { launchBrowser } from '../../e2e/browser.ts'
import { Learner } from '../../e2e/learner.ts'
import { loadLessons } from '../../lessons/src/index.ts'
import type { Report } from '../../lessons/src/prove/main.ts'
import type { CgroupVersion } from '../../runtime/src/model/index.ts'
import type { Lab } from './lab.ts'

/** The lesson that is done in the browser. */
const LESSON = 'make-a-group'
/** An emulated machine is some ten times slower than this one. */
const PATIENCE_MS = 120_000

/** Does a lesson to its end, restarts the machine, and looks whether progress and home are there. @throws Error */
export async function tryInBrowser(lab: Lab, version: CgroupVersion, url: string): Promise<void> {
  const lesson = (await loadLessons()).find(({ page }) => page.id === LESSON)!
  const browser = await launchBrowser()
  try {
    const page = await newPage(browser)
    const learner = new Learner(page, { version, patience: PATIENCE_MS })
    await page.goto(url)
    await page.goto(new URL(lesson.page.path, url).href, { waitUntil: 'networkidle' })
    await learner.doLesson(lesson)
    await learner.type('echo written before the restart >note; sync')

    await page.goto(new URL(lesson.page.path, await lab.reload()).href, { waitUntil: 'networkidle' })
    for (const { id } of lesson.page.steps)
      await page.locator(`section#${id}.done, section#${id}.gone`).waitFor({ timeout: PATIENCE_MS })
    const again = new Learner(page, { version, patience: PATIENCE_MS })
    await again.openShell()
    const screen = await again.type('cat note')
    if (!/^written before the restart$/m.test(screen))
      throw new Error(`after the restart the home is another one: ${screen.trimEnd()}`)
  } finally {
    await browser.close()
  }
}

async function newPage(browser: Browser): Promise<Page> {
  const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage()
  page.setDefaultTimeout(PATIENCE_MS)
  return page
}

/** Lessons proven in one go. A machine that is emulated may fail in the middle; then only these are proven again. */
const AT_ONCE = 3

/** @param names of lessons; all when empty. */
export async function proveInLab(
  lab: Lab,
  names: readonly string[],
  progress: (words: string) => void,
): Promise<Report> {
  const wanted = names.length > 0 ? names : (await loadLessons()).map(({ page }) => page.id)
  const reports: Report[] = []
  for (let at = 0; at < wanted.length; at += AT_ONCE) {
    const some = wanted.slice(at, at + AT_ONCE)
    reports.push(
      await proveSome(lab, some).catch((error: Error) => {
        progress(`${error.message} Trying once more.`)
        return proveSome(lab, some)
      }),
    )
  }
  return {
    lessons: reports.flatMap(({ lessons }) => lessons),
    failed: reports.reduce((sum, { failed }) => sum + failed, 0),
    skipped: reports.flatMap(({ skipped }) => skipped),
  }
}

async function proveSome(lab: Lab, names: readonly string[]): Promise<Report> {
  const words = names.map((name) => `'${name.replaceAll("'", '')}'`).join(' ')
  // Its exit code says that a step is not proven; which one, and why, is in the report.
  const output = await lab.run(
    `cd /opt/docker-internals && node setup/enter.mjs prove ${words} --json || true`,
  )
  const json = output.split('\n').find((line) => line.startsWith('{"lessons"'))
  if (!json) throw new Error(`The machine did not report: ${output.slice(-500)}`)
  return JSON.parse(json)
}
