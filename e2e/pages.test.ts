/** Every page as people without a server see it: at three widths, light and dark, by keyboard, by machine reading. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { gzipSync } from 'node:zlib'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launchBrowser, screenshot } from './browser.ts'
import { type StaticSite, serveStatic } from './static-site.ts'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const LESSON = '/1-cgroups-and-namespaces/05-pids-max/'
const PAGES = [
  '/',
  '/1-cgroups-and-namespaces/04-make-a-group/',
  LESSON,
  '/vocabulary',
  '/guide/using-the-workbook',
  '/reference/lesson-format',
  '/glossary',
  '/not-there',
]
const SIZES = { desktop: [1440, 900], tablet: [820, 1180], phone: [390, 844] } as const
/** Bytes, compressed, of a page whose terminals have not been opened; fonts are kept between pages and not counted. */
const MOST_BYTES = 160_000

let site: StaticSite
let browser: Browser
beforeAll(async () => {
  ;[browser, site] = await Promise.all([launchBrowser(), serveStatic()])
})
afterAll(async () => {
  await browser?.close()
  site?.end()
})

async function open(
  path: string,
  size: keyof typeof SIZES = 'desktop',
  colorScheme: 'light' | 'dark' = 'light',
): Promise<Page> {
  const [width, height] = SIZES[size]
  const context = await browser.newContext({
    ...{ viewport: { width, height }, colorScheme, reducedMotion: 'reduce' },
  })
  const page = await context.newPage()
  await page.goto(site.origin + path, { waitUntil: 'networkidle' })
  return page
}

describe.each(PAGES)('%s', (path) => {
  it.each(['light', 'dark'] as const)('has nothing that axe finds, %s', async (scheme) => {
    const page = await open(path, 'desktop', scheme)
    await page.evaluate(axe)
    const violations = await page.evaluate(async () => {
      // @ts-expect-error: axe was put into the page
      const results = await axe.run(document, { resultTypes: ['violations'] })
      return results.violations.map(
        ({ id, nodes }: { id: string; nodes: { target: string[]; failureSummary: string }[] }) =>
          `${id}: ${nodes.map((node) => `${node.target} ${node.failureSummary}`).join('; ')}`,
      )
    })
    expect(violations).toEqual([])
    await page.context().close()
  })

  it.each(Object.keys(SIZES) as (keyof typeof SIZES)[])('fits a %s', async (size) => {
    for (const scheme of ['light', 'dark'] as const) {
      const page = await open(path, size, scheme)
      const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
      expect(over).toBeLessThanOrEqual(0)
      await screenshot(page, `page${path.replaceAll('/', '_')}-${size}-${scheme}`)
      await page.context().close()
    }
  })
})

it('a lesson is light until a terminal is opened', async () => {
  const context = await browser.newContext()
  const page = await context.newPage()
  const sizes: Promise<number>[] = []
  page.on('response', (response) => {
    if (/\.(?:html|js|css)$|\/$/.test(new URL(response.url()).pathname))
      sizes.push(response.body().then((body) => gzipSync(body).length))
  })
  await page.goto(site.origin + LESSON, { waitUntil: 'networkidle' })
  const total = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
  expect(total).toBeGreaterThan(10_000)
  expect(total).toBeLessThan(MOST_BYTES)
  await context.close()
})

describe('without a server', () => {
  it('Run plays what the proof recorded', async () => {
    const page = await open(LESSON)
    await page
      .locator('section#refused')
      .getByRole('button', { name: 'Run' })
      .locator('visible=true')
      .first()
      .click()
    await expect
      .poll(() => page.locator('#dock').innerText(), { timeout: 10_000 })
      .toMatch(/bash: fork: retry: Resource temporarily unavailable/)
    await page.context().close()
  })

  it('the site can be searched', async () => {
    const page = await open('/')
    await page.keyboard.press('/')
    await page.keyboard.type('fork bomb')
    await page.getByRole('option').first().waitFor()
    await page.keyboard.press('Enter')
    await expect.poll(() => page.url(), { timeout: 5_000 }).toContain('05-pids-max')
    await page.context().close()
  })

  it('a lesson can be walked by keyboard alone', async () => {
    const page = await open(LESSON)
    await page.keyboard.press('Tab')
    expect(await page.evaluate(() => document.activeElement?.textContent)).toMatch(/skip/i)
    const names: string[] = []
    for (let at = 0; at < 60; at++) {
      await page.keyboard.press('Tab')
      names.push(await page.evaluate(() => document.activeElement?.textContent?.trim() ?? ''))
      if (names.at(-1) === 'Run') break
    }
    expect(names.at(-1)).toBe('Run')
    await page.keyboard.press('Enter')
    await expect.poll(() => page.locator('#dock').innerText(), { timeout: 10_000 }).toContain('sudo mkdir')
    await page.context().close()
  })
})
