/** `npm run prove`: the command line of the prover. */
import { parseArgs } from 'node:util'
import { detectCgroups } from '@docker-internals/runtime'
import { type CgroupVersion, WorkbookError } from '@docker-internals/runtime/model'
import { type LoadedLesson, loadLessons } from '../catalogue.ts'
import { withOwnHost } from './own-host.ts'
import { type ProvenLesson, prove } from './prove.ts'
import { parseShard, select } from './selection.ts'
import { watchLessons } from './watch-lessons.ts'

export interface Report {
  readonly lessons: readonly ProvenLesson[]
  /** Steps that are not proven. */
  readonly failed: number
  readonly skipped: readonly { readonly id: string; readonly reason: string }[]
}

const OPTIONS = {
  all: { type: 'boolean' },
  cgroup: { type: 'string' },
  shard: { type: 'string' },
  changed: { type: 'boolean' },
  watch: { type: 'boolean' },
  record: { type: 'boolean' },
  json: { type: 'boolean' },
} as const

/**
 * @param argv without the interpreter and the script.
 * @param write takes what goes to stdout; progress goes to stderr.
 * @returns the exit code: 0 when every step that could be proven here is.
 * @throws WorkbookError for what a person can mend.
 */
export async function main(
  argv: readonly string[],
  write: (text: string) => void = (text) => process.stdout.write(text),
): Promise<number> {
  const { values, positionals } = parse(argv)
  const lessons = select(await loadLessons(), {
    names: positionals,
    changed: values.changed ?? false,
    shard: values.shard === undefined ? null : parseShard(values.shard),
  })
  if (values.watch)
    return watchLessons(
      lessons,
      argv.filter((word) => word.startsWith('--') && word !== '--watch'),
    )
  const { version } = await detectCgroups()
  const wanted = values.cgroup ?? version
  const report =
    wanted === version
      ? await proveHere(lessons, version, values.record ?? false)
      : {
          lessons: [],
          failed: 0,
          skipped: lessons.map(({ page }) => ({ id: page.id, reason: otherKernel(wanted) })),
        }
  write(values.json ? `${JSON.stringify(report)}\n` : inWords(report))
  return report.failed === 0 ? 0 : 1
}

const otherKernel = (wanted: string) =>
  `this machine has no cgroup ${wanted} controllers; prove it on a machine that has`

async function proveHere(
  lessons: readonly LoadedLesson[],
  version: CgroupVersion,
  record: boolean,
): Promise<Report> {
  const interrupted = new AbortController()
  const { signal } = interrupted
  // Also the second one: clearing away takes a moment, and what is left otherwise stays for good.
  const interrupt = () => interrupted.abort(new WorkbookError(INTERRUPTED))
  for (const name of SIGNALS) process.on(name, interrupt)
  try {
    const proven = await withOwnHost(say, async (host) => {
      signal.throwIfAborted()
      return prove({ host, version, lessons, record, onProgress: say, signal })
    })
    const failed = proven.flatMap(({ steps }) => steps).filter((step) => !step.proven).length
    return { lessons: proven, failed, skipped: [] }
  } finally {
    for (const name of SIGNALS) process.removeListener(name, interrupt)
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

const INTERRUPTED = {
  code: 'interrupted',
  expected: 'to prove the lessons to the end',
  found: 'a signal to stop',
  remedy: 'Everything was cleared away; start again when you like.',
}

function say(words: string): void {
  process.stderr.write(`${words}\n`)
}

function parse(argv: readonly string[]) {
  const bad = (found: string) =>
    new WorkbookError({
      code: 'bad-option',
      expected:
        'prove [<lesson>…] [--all] [--cgroup v1|v2] [--shard i/n] [--changed] [--watch] [--record] [--json]',
      found,
      remedy: 'Without a lesson all are proven.',
    })
  try {
    const parsed = parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true })
    const { cgroup } = parsed.values
    if (cgroup !== undefined && cgroup !== 'v1' && cgroup !== 'v2') throw bad(`--cgroup "${cgroup}"`)
    return parsed
  } catch (error) {
    throw error instanceof WorkbookError ? error : bad((error as Error).message.split('.')[0]!)
  }
}

/** For people, a line for each step. */
export function inWords({ lessons, failed, skipped }: Report): string {
  const lines = lessons.flatMap(({ id, cgroup, steps }) => [
    `${id} (${cgroup})`,
    ...steps.map(
      ({ id: step, proven, nearMisses, alternatives, ms, reason }) =>
        `  ${proven ? '✓' : '✗'} ${step}: ${reason ?? `${nearMisses} near misses, ${alternatives} alternatives, ${(ms / 1000).toFixed(1)} s`}`,
    ),
  ])
  for (const { id, reason } of skipped) lines.push(`${id}: skipped: ${reason}`)
  const proven = lessons.flatMap(({ steps }) => steps).filter((step) => step.proven).length
  lines.push(
    `${proven} steps proven, ${failed} failed${skipped.length ? `, ${skipped.length} lessons skipped` : ''}`,
  )
  return `${lines.join('\n')}\n`
}
