/**
 * The import graph of ARCHITECTURE.md is enforced by the compiler: a project sees the projects it references
 * and nothing else. One bad import per forbidden edge must be an error, one good one per allowed edge must not.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '..')
const NAMES = {
  model: '@docker-internals/runtime/model',
  runtime: '@docker-internals/runtime',
  lessons: '@docker-internals/lessons',
  page: '@docker-internals/lessons/page',
  protocol: '@docker-internals/sandbox-server/protocol',
  server: '@docker-internals/sandbox-server',
}
const PROJECTS = {
  model: 'runtime/src/model',
  runtime: 'runtime',
  lessons: 'lessons',
  protocol: 'sandbox-server/protocol',
  server: 'sandbox-server',
  docs: 'docs',
  theme: 'docs/.vitepress/theme',
}
type Project = keyof typeof PROJECTS

const ALLOWED: [Project, keyof typeof NAMES][] = [
  ['runtime', 'model'],
  ['lessons', 'runtime'],
  ['lessons', 'model'],
  ['server', 'lessons'],
  ['server', 'runtime'],
  ['server', 'protocol'],
  ['docs', 'page'],
  ['theme', 'model'],
  ['theme', 'protocol'],
]
const FORBIDDEN: [Project, keyof typeof NAMES][] = [
  ['model', 'runtime'],
  ['model', 'protocol'],
  ['runtime', 'lessons'],
  ['runtime', 'server'],
  ['runtime', 'protocol'],
  ['lessons', 'server'],
  ['lessons', 'protocol'],
  ['protocol', 'runtime'],
  ['protocol', 'lessons'],
  ['docs', 'server'],
  ['theme', 'runtime'],
  ['theme', 'lessons'],
  ['theme', 'server'],
]
/** What a layer's `lib` and `types` keep out. */
const ALIEN: [Project, string][] = [
  ['model', `import 'node:fs'`],
  ['model', 'document.title'],
  ['protocol', `import 'node:fs'`],
  ['protocol', 'document.title'],
  ['runtime', 'document.title'],
  ['theme', `import { readFileSync } from 'node:fs'; readFileSync`],
]

let folder: string
beforeAll(() => {
  mkdirSync(join(ROOT, '.cache'), { recursive: true })
  folder = mkdtempSync(join(ROOT, '.cache', 'graph-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Error codes of one file compiled with a project's own options and references. */
function errorsOf(project: Project, source: string): number[] {
  const configFile = join(ROOT, PROJECTS[project], 'tsconfig.json')
  const config = ts.readConfigFile(configFile, (path) => readFileSync(path, 'utf8')).config
  const file = join(folder, `${project}.ts`)
  writeFileSync(file, `${source}\nexport {}\n`)
  const parsed = ts.parseJsonConfigFileContent(
    { ...config, include: [file], exclude: [] },
    ts.sys,
    dirname(configFile),
  )
  const program = ts.createProgram({
    rootNames: [file],
    options: { ...parsed.options, rootDir: ROOT },
    projectReferences: (config.references ?? []).map(({ path }: { path: string }) => ({
      path: resolve(dirname(configFile), path),
    })),
  })
  const own = program.getSourceFile(file)
  return [
    ...program.getOptionsDiagnostics(),
    ...program.getGlobalDiagnostics(),
    ...program.getSemanticDiagnostics(own),
  ].map(({ code }) => code)
}

const NOT_IN_PROJECT = 6307

describe('the import graph', () => {
  test.each(ALLOWED)('%s may import %s', (project, target) => {
    expect(errorsOf(project, `import type {} from '${NAMES[target]}'`)).not.toContain(NOT_IN_PROJECT)
  })
  test.each(FORBIDDEN)('%s may not import %s', (project, target) => {
    expect(errorsOf(project, `import type {} from '${NAMES[target]}'`)).toContain(NOT_IN_PROJECT)
  })
  test.each(ALIEN)('%s does not know `%s`', (project, source) => {
    expect(errorsOf(project, source)).not.toEqual([])
  })
})
