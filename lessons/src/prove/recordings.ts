/** The recordings beside a lesson: written on demand, otherwise held against what the proof has just seen. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Recording } from '@docker-internals/runtime/model'
import type { LoadedLesson } from '../catalogue.ts'

/** Writes a recording, unless the one that is there says the same: pids and times alone are no news. */
export async function keepRecording({ dir, recording }: LoadedLesson, fresh: Recording): Promise<void> {
  if ((await recording(fresh.version)) && (await difference({ recording }, fresh)) === null) return
  await mkdir(join(dir, 'recorded'), { recursive: true })
  await writeFile(join(dir, 'recorded', `${fresh.version}.json`), `${JSON.stringify(fresh, null, 2)}\n`)
}

/** @returns where the kept recording no longer shows what happens, in words; null when it does, or when there is none. */
export async function difference(
  { recording }: Pick<LoadedLesson, 'recording'>,
  fresh: Recording,
): Promise<{ step: string; words: string } | null> {
  const kept = await recording(fresh.version)
  if (!kept) return null
  const sameKernel = kept.kernel === fresh.kernel
  for (const [step, commands] of Object.entries(fresh.steps)) {
    const old = kept.steps[step] ?? []
    for (const [at, { command, output }] of commands.entries())
      if (old[at]?.command !== command || (sameKernel && masked(old[at].output) !== masked(output)))
        return {
          step,
          words: `the recording of ${JSON.stringify(command)} is out of date: record it again with --record`,
        }
  }
  return null
}

/** What bash says of its jobs when it finds the time: of a near miss that was undone, too. */
const SHELL_NOTICE = /^\[0\][-+ ]|^bash: wait_for: No record of process/

/**
 * What is the same every time: which different lines there are. Numbers and ids differ from run to run; how often a
 * line comes and where a background job's notice falls in depends on the moment.
 */
function masked(output: string): string {
  const lines = output
    .replaceAll(/\u001b\[[\d;]*m/g, '')
    .replaceAll(/\b[0-9a-f]{12,64}\b/g, '<id>')
    .replaceAll(
      /\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b|\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\b/g,
      '<date>',
    )
    .replaceAll(/\d+/g, '0')
    .replaceAll(/ +/g, ' ')
    .split('\n')
    .filter((line) => !SHELL_NOTICE.test(line))
  return [...new Set(lines)].sort().join('\n')
}
