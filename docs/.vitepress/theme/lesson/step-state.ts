/** What the page says of one step. */
import type { StepVerdict } from '@docker-internals/sandbox-server/protocol'

export interface StepState {
  /** `gone`: it was done, and the kernel's state has since changed. */
  readonly is: 'open' | 'done' | 'prepared' | 'gone'
  readonly verdict: StepVerdict | null
  /** " on 3 May" for a step done earlier; empty when it is not known. */
  readonly when: string
}

export function stepState(
  entry: { state: 'done' | 'prepared'; at: number } | undefined,
  verdict: StepVerdict | undefined,
  now = new Date(),
): StepState {
  const when = entry ? whenWords(new Date(entry.at), now) : ''
  if (entry?.state === 'done')
    return { is: verdict && !verdict.passed ? 'gone' : 'done', verdict: verdict ?? null, when }
  if (entry?.state === 'prepared') return { is: 'prepared', verdict: verdict ?? null, when }
  return { is: 'open', verdict: verdict ?? null, when }
}

function whenWords(at: Date, now: Date): string {
  if (at.toDateString() === now.toDateString()) return ' today'
  return ` on ${at.toLocaleDateString('en', { day: 'numeric', month: 'long' })}`
}
