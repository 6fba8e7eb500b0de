/** Builds the static site when its sources are newer than the last build. */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { loadLessons } from '../lessons/src/index.ts'
import { WorkbookError } from '../runtime/src/model/index.ts'

export const ROOT = join(import.meta.dirname, '..')
export const SITE = join(ROOT, 'docs', '.vitepress', 'dist')
const STAMP = join(SITE, '.built-from')

/** What the site is made of. The runtime's other folders matter because lesson.ts files import the checks. */
const SOURCES = ['docs', 'lessons', 'runtime/src', 'sandbox-server/protocol', 'package-lock.json']

/** Folders that are made from the sources. */
const MADE = /(?:^|\/)(?:node_modules|\.cache|\.vitepress\/(?:cache|dist))(?:\/|$)/

/** @throws WorkbookError for a lesson that is not whole, or with VitePress's own words when the build fails. */
export async function ensureSite(
  progress: (words: string) => void,
  options: { base?: string; force?: boolean } = {},
): Promise<void> {
  const stamp = `${options.base ?? '/'} ${fingerprint()}`
  if (!options.force && existsSync(STAMP) && readFileSync(STAMP, 'utf8') === stamp) return
  progress('Building the site')
  await loadLessons() // says in a sentence what VitePress would say in thirty lines
  rmSync(STAMP, { force: true })
  const args = [join(ROOT, 'node_modules/vitepress/bin/vitepress.js'), 'build', 'docs']
  if (options.base) args.push('--base', options.base)
  const build = spawnSync(process.execPath, args, {
    cwd: ROOT,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  if (build.status !== 0)
    throw new WorkbookError({
      code: 'site-build-failed',
      expected: 'the site to build',
      found: `an error:\n${`${build.stdout}${build.stderr}`.trim().split('\n').slice(-25).join('\n')}\n`,
      remedy: 'Mend the page it names and build again.',
    })
  writeFileSync(STAMP, stamp)
}

/** Of the names and contents of every source file: the same wherever the project is copied to. */
function fingerprint(): string {
  const hash = createHash('sha256')
  for (const file of SOURCES.flatMap(filesBelow)) {
    hash.update(`${file}\0`)
    hash.update(readFileSync(join(ROOT, file)))
  }
  return hash.digest('hex')
}

/** @returns paths of the files that people write, sorted; of a file itself, the file. */
function filesBelow(source: string): string[] {
  const path = join(ROOT, source)
  if (statSync(path).isFile()) return [source]
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
    .filter((file) => !MADE.test(file))
    .sort()
}
