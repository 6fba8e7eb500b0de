/** The words that go with each phase of a learner's sandbox. */
import type { SandboxPhase } from '../../protocol/index.ts'

export interface SandboxState {
  readonly phase: SandboxPhase
  /** A sentence; empty when there is nothing to say. */
  readonly message: string
}

export const NONE: SandboxState = { phase: 'none', message: '' }
export const RUNNING: SandboxState = { phase: 'running', message: '' }
export const STARTING: SandboxState = {
  phase: 'starting',
  message: 'Starting your sandbox: namespaces, groups and a disk of its own.',
}
export const WAKING: SandboxState = { phase: 'starting', message: 'Waking your sandbox.' }

export function asleep(idleMinutes: number, keptUntil: number): SandboxState {
  const hours = Math.max(1, Math.round((keptUntil - Date.now()) / 3_600_000))
  const kept = hours > 48 ? `${Math.round(hours / 24)} days` : hours > 1 ? `${hours} hours` : 'hour'
  return {
    phase: 'frozen',
    message: `Nothing was typed for ${idleMinutes} minutes, so your sandbox sleeps. Everything in it is kept for the next ${kept}; wake it to keep it longer.`,
  }
}

export function collected(): SandboxState {
  return {
    phase: 'none',
    message: 'Your sandbox slept for long and was cleared away. Opening a shell makes a fresh one.',
  }
}

export function failed(error: unknown): SandboxState {
  return { phase: 'failed', message: error instanceof Error ? error.message : String(error) }
}

export function ended(): SandboxState {
  return { phase: 'failed', message: 'Your sandbox has ended. Starting it again makes a fresh one.' }
}
