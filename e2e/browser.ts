/** Debian's Chromium, driven by Playwright. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'

export function launchBrowser(executablePath = '/usr/bin/chromium'): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: [
      ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
      ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
    ],
  })
}

/** Kept for a person to look at, in .cache/screens/. */
export async function screenshot(page: Page, name: string): Promise<void> {
  const folder = join(import.meta.dirname, '..', '.cache', 'screens')
  mkdirSync(folder, { recursive: true })
  await page.screenshot({ path: join(folder, `${name}.png`) })
}

/** What stands on the screen of the terminal in front: xterm's DOM renderer keeps one element per row. */
export async function terminalText(page: Page): Promise<string> {
  const rows = await page.locator('.xterm-rows:visible > div').allInnerTexts()
  return rows.map((row) => row.replaceAll('\u00a0', ' ').trimEnd()).join('\n')
}
