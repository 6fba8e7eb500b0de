/** Proves lessons: each walked in a sandbox of its own, each alternative tried in another; some at a time. */
import { availableParallelism, release } from 'node:os'
import type { SandboxHost } from '@docker-internals/runtime'
import type { CgroupVersion } from '@docker-internals/runtime/model'
import type { LoadedLesson } from '../catalogue.ts'
import { difference, keepRecording } from './recordings.ts'
import { type ProvenStep, tryAlternative, type Walked, walk } from './walk.ts'

export interface ProvenLesson {
  readonly id: string
  readonly part: string
  readonly cgroup: CgroupVersion
  readonly steps: readonly ProvenStep[]
}

export interface ProveOptions {
  readonly host: SandboxHost
  readonly version: CgroupVersion
  readonly lessons: readonly LoadedLesson[]
  /** Write the recordings instead of comparing with them. */
  readonly record: boolean
  readonly onProgress: (words: string) => void
  readonly signal: AbortSignal
}

const AT_ONCE = Math.min(4, availableParallelism())

export async function prove({
  host,
  version,
  lessons,
  record,
  onProgress,
  signal,
}: ProveOptions): Promise<ProvenLesson[]> {
  const walks = new Map<string, Walked>()
  const refused = new Map<string, string>()
  const jobs = lessons.flatMap((lesson) => [
    async () => void walks.set(lesson.page.id, await walk(host, lesson, onProgress, signal)),
    ...lesson.page.steps.flatMap(({ id }) =>
      (lesson.lesson.steps[id]!.alternatives ?? []).map((alternative, at) => async () => {
        const reason = await tryAlternative(host, lesson, id, alternative, signal).catch(
          (error) => `failed: ${error}`,
        )
        onProgress(`${lesson.page.id}: ${id}, alternative ${at + 1}`)
        if (reason !== null) refused.set(`${lesson.page.id}/${id}`, `alternative ${at + 1} ${reason}`)
      }),
    ),
  ])
  await runAll(jobs, signal)
  return Promise.all(lessons.map((lesson) => judged(lesson)))

  async function judged(lesson: LoadedLesson): Promise<ProvenLesson> {
    const { id, part } = lesson.page
    const { steps, recorded } = walks.get(id)!
    const walked = steps.every(({ proven }) => proven)
    const fresh = { lesson: id, version, kernel: kernelSeries(), steps: recorded }
    if (record && walked) await keepRecording(lesson, fresh)
    const stale = record || !walked ? null : await difference(lesson, fresh)
    return {
      ...{ id, part, cgroup: version },
      steps: steps.map((step) => {
        const reason =
          step.reason ?? refused.get(`${id}/${step.id}`) ?? (stale?.step === step.id ? stale.words : null)
        return { ...step, proven: reason === null, reason }
      }),
    }
  }
}

/** uname(2)'s release without what distributions append: "6.12" of "6.12.41+deb13-amd64". */
function kernelSeries(): string {
  return release().split('.').slice(0, 2).join('.')
}

async function runAll(jobs: readonly (() => Promise<void>)[], signal: AbortSignal): Promise<void> {
  const left = [...jobs]
  const work = async () => {
    for (let job = left.shift(); job; job = left.shift()) {
      signal.throwIfAborted()
      await job()
    }
  }
  // All must have come to an end before the sandboxes are cleared away, also when one fails.
  const ends = await Promise.allSettled(Array.from({ length: AT_ONCE }, work))
  const failed = ends.find((end) => end.status === 'rejected')
  if (failed) throw failed.reason
}
