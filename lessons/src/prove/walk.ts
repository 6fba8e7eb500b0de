/**
 * Walks a lesson as a learner would, and judges every step both ways: before its commands the check fails,
 * near misses are refused with the words the lesson gives, and after the commands it passes.
 */
import { isDeepStrictEqual } from 'node:util'
import type { SandboxHost } from '@docker-internals/runtime'
import {
  type Alternative,
  type LessonStep,
  type NearMiss,
  type PageStep,
  type RecordedCommand,
  sentence,
} from '@docker-internals/runtime/model'
import type { LoadedLesson } from '../catalogue.ts'
import { commandOutput } from './command-output.ts'
import { footprint } from './footprint.ts'
import { until } from './until.ts'
import { Workplace } from './workplace.ts'

export interface ProvenStep {
  readonly id: string
  readonly proven: boolean
  readonly nearMisses: number
  readonly alternatives: number
  readonly ms: number
  /** Why it is not proven, in a sentence. */
  readonly reason: string | null
}

export interface Walked {
  readonly steps: readonly ProvenStep[]
  /** Step id to what its commands showed; of a walk that succeeded. */
  readonly recorded: Readonly<Record<string, readonly RecordedCommand[]>>
}

/** Time (ms) for a check to pass after the last command, and for a refusal to say what is expected. */
const SETTLE_MS = 5_000

class Unproven extends Error {}

/** @param onStep told what is being done, for people who wait. */
export async function walk(
  host: SandboxHost,
  lesson: LoadedLesson,
  onStep: (words: string) => void,
  signal: AbortSignal,
): Promise<Walked> {
  const { page } = lesson
  const steps: ProvenStep[] = []
  const recorded: Record<string, RecordedCommand[]> = {}
  let place = await Workplace.open(host, lesson, signal)
  const done = new Set<string>()
  try {
    for (const [at, step] of page.steps.entries()) {
      const before = steps.find(({ proven }) => !proven)
      const { wrong, alternatives = [] } = lesson.lesson.steps[step.id]!
      const counts = { id: step.id, nearMisses: wrong.length, alternatives: alternatives.length }
      if (before) {
        steps.push({ ...counts, proven: false, ms: 0, reason: `not reached: "${before.id}" is not proven` })
        continue
      }
      onStep(`${page.id}: ${step.id} (${at + 1} of ${page.steps.length})`)
      const started = performance.now()
      let reason: string | null = null
      try {
        recorded[step.id] = await proveStep(step)
        done.add(step.id)
      } catch (error) {
        signal.throwIfAborted()
        reason = error instanceof Unproven ? error.message : String(error)
      }
      steps.push({ ...counts, proven: reason === null, ms: Math.round(performance.now() - started), reason })
    }
    return { steps, recorded }
  } finally {
    await place.close()
  }

  async function proveStep(step: PageStep): Promise<RecordedCommand[]> {
    const definition = lesson.lesson.steps[step.id]!
    const before = await place.judge(step.id, done)
    if (before.passed) throw new Unproven(`its check passes before anything was done: ${before.seen}`)
    for (const [at, miss] of definition.wrong.entries())
      await refuseNearMiss(step, definition, miss, `near miss ${at + 1}`)
    const typed = await place.runStep(step)
    const answer = definition.answer ? await place.lastLine(place.flavour(definition.answer)) : null
    const after = await until(
      () => place.judge(step.id, done, answer),
      ({ passed }) => passed,
      SETTLE_MS,
    )
    if (!after.passed) throw new Unproven(`its commands do not make it pass: expected ${sentence(after)}`)
    return Promise.all(
      typed.map(async ({ block, output }) => ({
        terminal: block.terminal,
        command: block.code,
        output: await commandOutput(output, block.code),
      })),
    )
  }

  async function refuseNearMiss(step: PageStep, definition: LessonStep, miss: NearMiss, name: string) {
    const first = sentence(await place.judge(step.id, done))
    const before = await footprint(definition.check, await place.observe())
    await place.type(miss)
    const because = place.flavour(miss.because)
    const answer = miss.answer === undefined ? null : await expanded(place, place.flavour(miss.answer))
    const verdict = await until(
      () => place.judge(step.id, done, answer),
      (seen) => seen.passed || sentence(seen) === because,
      SETTLE_MS,
    )
    if (verdict.passed) throw new Unproven(`${name} is accepted: ${verdict.seen}`)
    if (sentence(verdict) !== because)
      throw new Unproven(`${name} is refused with "${sentence(verdict)}" and not with "${because}"`)
    const after = await footprint(definition.check, await place.observe(answer))
    if (isDeepStrictEqual(after, before)) throw new Unproven(`${name} changes nothing that could be observed`)
    if (miss.undo === 'fresh') {
      await place.close()
      place = await prepared(host, lesson, step.id, signal)
    } else if (miss.undo !== undefined) {
      await place.type({ run: miss.undo, ...(miss.in ? { in: miss.in } : {}) })
      const undone = await until(
        () => place.judge(step.id, done),
        (seen) => sentence(seen) === first,
        SETTLE_MS,
      )
      if (sentence(undone) !== first)
        throw new Unproven(
          `after the undo of ${name} the check says "${sentence(undone)}" and not "${first}" as before`,
        )
    }
  }
}

/** Another right way, from a sandbox in which the steps before have been done. @returns why it is not accepted, or null. */
export async function tryAlternative(
  host: SandboxHost,
  lesson: LoadedLesson,
  step: string,
  alternative: Alternative,
  signal: AbortSignal,
): Promise<string | null> {
  const place = await prepared(host, lesson, step, signal)
  try {
    const done = new Set(stepsBefore(lesson, step).map(({ id }) => id))
    const before = await place.judge(step, done)
    if (before.passed) return `passes before it was tried: ${before.seen}`
    await place.type(alternative)
    const answer =
      alternative.answer === undefined ? null : await expanded(place, place.flavour(alternative.answer))
    const after = await until(
      () => place.judge(step, done, answer),
      ({ passed }) => passed,
      SETTLE_MS,
    )
    return after.passed ? null : `is refused: expected ${sentence(after)}`
  } finally {
    await place.close()
  }
}

async function prepared(
  host: SandboxHost,
  lesson: LoadedLesson,
  step: string,
  signal: AbortSignal,
): Promise<Workplace> {
  const place = await Workplace.open(host, lesson, signal)
  try {
    for (const before of stepsBefore(lesson, step)) await place.runStep(before)
    return place
  } catch (error) {
    await place.close()
    throw error
  }
}

function stepsBefore({ page }: LoadedLesson, step: string): readonly PageStep[] {
  return page.steps.slice(
    0,
    page.steps.findIndex(({ id }) => id === step),
  )
}

/** `$(…)` in an answer is a shell's, inside the sandbox. */
async function expanded({ sandbox }: Workplace, answer: string): Promise<string> {
  if (!answer.includes('$(')) return answer
  const { stdout } = await sandbox.exec(['bash', '-c', `printf %s "${answer.replaceAll('"', '\\"')}"`])
  return stdout
}
