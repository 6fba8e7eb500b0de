import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { LearnerSandbox } from './learner-sandbox.ts'
import type { RunningSandbox } from './running-sandbox.ts'

/** A sandbox that only keeps what was done to it. */
class Fake {
  readonly id: string
  is: 'running' | 'frozen' | 'gone' = 'running'
  readonly sandbox = {
    alive: async () => this.is !== 'gone',
    frozen: async () => this.is === 'frozen',
    freeze: async () => {
      this.is = 'frozen'
    },
    thaw: async () => {
      this.is = 'running'
    },
  }
  constructor(id: string) {
    this.id = id
  }
  async release() {}
  async destroy() {
    this.is = 'gone'
  }
}

let made: Fake[]
let fault: Error | null
let states: string[]
let learner: LearnerSandbox
const MINUTE = 60_000

beforeEach(() => {
  vi.useFakeTimers()
  made = []
  fault = null
  states = []
  learner = begin()
})
afterEach(() => vi.useRealTimers())

function begin() {
  const sandbox: LearnerSandbox = new LearnerSandbox({
    create: async () => {
      await new Promise((resolve) => setTimeout(resolve, 30))
      if (fault) throw fault
      return made[made.push(new Fake(`s${made.length}`)) - 1] as unknown as RunningSandbox
    },
    idle: { freezeAfter: 60 * MINUTE, collectAfter: 72 * 60 * MINUTE },
    onReplaced: () => {},
    onChange: () => states.push(sandbox.state.phase),
    log: () => {},
  })
  return sandbox
}
async function soon<T>(work: Promise<T>): Promise<T> {
  work.catch(() => {})
  await vi.advanceTimersByTimeAsync(100)
  return work
}
const reset = () => soon(learner.alone('a reset', async () => void (await learner.replace())))
const undo = () => soon(learner.alone('an undo', () => learner.bringBack()))

describe('a learner’s sandbox', () => {
  it('is made once, however many ask', async () => {
    const [one, two] = await soon(Promise.all([learner.ensure(), learner.ensure()]))
    expect(one).toBe(two)
    expect(made.length).toBe(1)
    expect(states).toEqual(['starting', 'running'])
  })

  it('that does not start says why, and can be tried again', async () => {
    fault = new Error('the disk is full')
    await expect(soon(learner.ensure())).rejects.toThrow('the disk is full')
    expect(learner.state).toEqual({ phase: 'failed', message: 'the disk is full' })
    fault = null
    await soon(learner.ensure())
    expect(learner.state.phase).toBe('running')
  })

  it('is replaced when it has ended', async () => {
    await soon(learner.ensure())
    made[0]!.is = 'gone'
    expect(await learner.look()).toBeNull()
    expect(learner.state.phase).toBe('failed')
    await soon(learner.ensure())
    expect(learner.current?.id).toBe('s1')
  })

  it('can be reset, and brought back for ten minutes', async () => {
    await soon(learner.ensure())
    await reset()
    expect(made.map(({ is }) => is)).toEqual(['frozen', 'running'])
    expect(learner.stored().map(({ id, role }) => [id, role])).toEqual([
      ['s1', 'current'],
      ['s0', 'kept'],
    ])
    await undo()
    expect(made.map(({ is }) => is)).toEqual(['running', 'gone'])
    expect(learner.undoUntil).toBeNull()
    await expect(undo()).rejects.toThrow('Go on in the fresh one')
    await reset()
    await vi.advanceTimersByTimeAsync(10 * MINUTE)
    expect(made.map(({ is }) => is)).toEqual(['gone', 'gone', 'running'])
    expect(learner.undoUntil).toBeNull()
  })

  it('keeps one for undo, not many', async () => {
    await soon(learner.ensure())
    await reset()
    await reset()
    expect(made.map(({ is }) => is)).toEqual(['gone', 'frozen', 'running'])
  })

  it('stays as it is when no fresh one can be made', async () => {
    await soon(learner.ensure())
    fault = new Error('full')
    await expect(reset()).rejects.toThrow('full')
    expect(learner.state.phase).toBe('running')
    expect(made[0]!.is).toBe('running')
  })

  it('does one great change at a time', async () => {
    const first = reset()
    await expect(learner.alone('an undo', async () => {})).rejects.toThrow('found a reset under way')
    await first
  })

  it('sleeps when nobody uses it, wakes when somebody does, and is cleared away after long', async () => {
    await soon(learner.ensure())
    await vi.advanceTimersByTimeAsync(50 * MINUTE)
    learner.touch()
    await vi.advanceTimersByTimeAsync(59 * MINUTE)
    expect(made[0]!.is).toBe('running')
    await vi.advanceTimersByTimeAsync(MINUTE)
    expect(made[0]!.is).toBe('frozen')
    expect(learner.state.message).toBe(
      'Nothing was typed for 60 minutes, so your sandbox sleeps. Everything in it is kept for the next 3 days; wake it to keep it longer.',
    )
    await soon(learner.ensure())
    expect(made[0]!.is).toBe('running')
    await vi.advanceTimersByTimeAsync(60 * MINUTE)
    expect(made[0]!.is).toBe('frozen')
    await vi.advanceTimersByTimeAsync(72 * 60 * MINUTE)
    expect(made[0]!.is).toBe('gone')
    expect(learner.state.phase).toBe('none')
    expect(learner.stored()).toEqual([])
  })

  it('is found asleep after a restart as it was', async () => {
    await soon(learner.ensure())
    await made[0]!.sandbox.freeze()
    const next = begin()
    await next.adopt(made[0] as unknown as RunningSandbox, null)
    expect(next.state.phase).toBe('frozen')
    await soon(next.ensure())
    expect(made[0]!.is).toBe('running')
    expect(made.length).toBe(1)
  })
})
