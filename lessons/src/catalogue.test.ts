import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { loadLessons } from './catalogue.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync('/var/tmp/docker-internals-lessons-')
})
afterEach(() => rmSync(folder, { recursive: true }))

const PAGE = `---
title: T
lead: L.
minutes: 1
---

:::: step one The one

\`\`\`sh run
true
\`\`\`
::::
`
const CHECK = `{ kind: 'state', observe: async () => ({ passed: false, expected: 'x', seen: 'y' }) }`
const MISS = `{ run: 'true', because: 'x, y' }`
const step = (more = '', wrong = `${MISS}, ${MISS}`) => `{ check: ${CHECK}, wrong: [${wrong}], ${more} }`

function lesson(name: string, steps: string, page = PAGE): void {
  const dir = join(folder, name)
  mkdirSync(dir, { recursive: true })
  writeFileSync(join(dir, 'index.md'), page)
  writeFileSync(join(dir, 'lesson.ts'), `export default { steps: { ${steps} } }\n`)
}

it('loads lessons in the order of parts and numbers, and leaves other folders alone', async () => {
  for (const name of ['2-b/01-x', '1-a/02-z', '1-a/01-y', 'src/01-not'] as const)
    lesson(name, `one: ${step()}`)
  const lessons = await loadLessons(folder)
  expect(lessons.map(({ page }) => page.id)).toEqual(['y', 'z', 'x'])
  expect(await lessons[0]!.recording('v1')).toBeNull()
})

it.each([
  ['a step without a check', '', /01-x\/index\.md:7 step "one" to have a check in lesson\.ts, found none/],
  [
    'a check without a step',
    `one: ${step()}, two: ${step()}`,
    /01-x\/lesson\.ts to have checks for steps of the page only, found one for "two"/,
  ],
  ['one near miss only', `one: ${step('', MISS)}`, /at least 2 near misses for "one", found 1/],
  ['an "after" that there is not', `one: ${step(`after: ['zero']`)}`, /"after" of "one" .* found "zero"/],
])('refuses %s', async (_, steps, words) => {
  lesson('1-a/01-x', steps)
  await expect(loadLessons(folder)).rejects.toThrow(words)
})

it('refuses two lessons of one name', async () => {
  lesson('1-a/01-x', `one: ${step()}`)
  lesson('2-b/07-x', `one: ${step()}`)
  await expect(loadLessons(folder)).rejects.toThrow(/every lesson to have a name of its own, found "x" twice/)
})
