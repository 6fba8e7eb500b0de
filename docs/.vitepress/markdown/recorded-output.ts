/**
 * The recordings beside a lesson's page, for readers without a server.
 * Commands are looked up in the order of the page, so the same command typed twice finds its own output each time.
 */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { CgroupVersion, Recording } from '../../../runtime/src/model/index.ts'
import type { SearchEnv } from './search-html.ts'

interface Outputs {
  /** Output of this command of this step, ANSI escapes kept; null when the proof has not recorded it. */
  take(step: string | undefined, command: string): string | null
}

const perPage = new WeakMap<SearchEnv, Map<CgroupVersion, Outputs>>()

export function recordedOutputs(env: SearchEnv, version: CgroupVersion): Outputs {
  const known = perPage.get(env) ?? new Map<CgroupVersion, Outputs>()
  perPage.set(env, known)
  const outputs = known.get(version) ?? read(env.realPath ?? env.path, version)
  known.set(version, outputs)
  return outputs
}

function read(page: string, version: CgroupVersion): Outputs {
  const file = join(dirname(page), 'recorded', `${version}.json`)
  const recording = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Recording) : null
  const left = new Map(
    Object.entries(recording?.steps ?? {}).map(([step, commands]) => [step, [...commands]]),
  )
  return {
    take(step, command) {
      const commands = step === undefined ? undefined : left.get(step)
      const at = commands?.findIndex((recorded) => recorded.command.trim() === command.trim()) ?? -1
      return at < 0 ? null : commands!.splice(at, 1)[0]!.output
    },
  }
}
