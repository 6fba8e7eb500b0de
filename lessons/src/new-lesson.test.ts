import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { newLesson } from './new-lesson.ts'
import { parsePage } from './page.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync('/var/tmp/docker-internals-lessons-')
  for (const dir of ['1-a/04-old', '2-b', 'src']) mkdirSync(join(folder, dir), { recursive: true })
})
afterEach(() => rmSync(folder, { recursive: true }))

it('makes the next lesson of a part, with a page that parses', async () => {
  const dir = await newLesson(['1-a', 'memory'], folder)
  expect(basename(dir)).toBe('05-memory')
  const file = join(dir, 'index.md')
  expect(parsePage(readFileSync(file, 'utf8'), file).steps.map(({ id }) => id)).toEqual(['limit'])
  expect(basename(await newLesson(['2-b', 'layers'], folder))).toBe('01-layers')
})

it.each([
  [[], /npm run new-lesson -- <part> <name>/],
  [['1-a'], /found 1-a/],
  [['3-c', 'x'], /one of the parts 1-a, 2-b, found "3-c"/],
  [['1-a', 'Memory'], /small letters, digits and hyphens, .* found "Memory"/],
  [['1-a', 'memory-'], /the last no hyphen, found "memory-"/],
  [['1-a', '../x'], /found "\.\.\/x"/],
  [['2-b', 'old'], /a name that no lesson has, found "old", which is 04-old/],
])('refuses %j', async (argv, words) => {
  await expect(newLesson(argv, folder)).rejects.toThrow(words)
})
