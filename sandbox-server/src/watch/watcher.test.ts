import { mkdtempSync, rmSync } from 'node:fs'
import type { LoadedLesson } from '@docker-internals/lessons'
import type { Check, CheckKind, Observation, Verdict } from '@docker-internals/runtime/model'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { ControlEvent, ProgressEntry } from '../../protocol/index.ts'
import { Store } from '../store/store.ts'
import { LearnerProgress } from './learner-progress.ts'
import { OneAtATime } from './one-at-a-time.ts'
import { Settle } from './settle.ts'
import { Watcher } from './watcher.ts'

/** The kernel's state as far as these checks look at it. */
let state: { one: boolean; two: boolean; event: boolean }
let sandboxRuns: boolean
let events: ControlEvent[]
let data: string
let store: Store
let learner: string
let progress: LearnerProgress
let watcher: Watcher
let looks: number

const check = (kind: CheckKind, passes: (observation: Observation) => boolean): Check => ({
  kind,
  async observe(observation): Promise<Verdict> {
    const passed = passes(observation)
    return { passed, expected: 'it', seen: passed ? 'it is' : 'it is not' }
  },
})
const steps = {
  one: { check: check('state', () => state.one), wrong: [] },
  two: { check: check('state', () => state.two), after: ['one'], wrong: [] },
  event: { check: check('counter', () => state.event), wrong: [] },
  asked: { check: check('answer', ({ answer }) => answer === '42'), wrong: [] },
  broken: {
    check: check('state', () => {
      throw new Error('no such file')
    }),
    wrong: [],
  },
}
const lesson = {
  page: {
    id: 'lesson',
    steps: Object.keys(steps).map((id) => ({ id, title: id.toUpperCase(), line: 1, commands: [] })),
  },
  lesson: { steps },
} as unknown as LoadedLesson

beforeEach(() => {
  state = { one: false, two: true, event: false }
  sandboxRuns = true
  events = []
  looks = 0
  data = mkdtempSync('/var/tmp/docker-internals-watch-')
  store = new Store(data)
  learner = store.learner(Buffer.alloc(32))
  begin()
})
afterEach(() => {
  watcher.stop()
  store.close()
  rmSync(data, { recursive: true })
})

function begin() {
  progress = new LearnerProgress(store, learner, (entries) => events.push({ type: 'progress', entries }))
  watcher = new Watcher({
    lessons: new Map([['lesson', lesson]]),
    progress,
    observe: async () => {
      looks += 1
      return sandboxRuns ? ({ answer: null } as unknown as Observation) : null
    },
    emit: (event) => events.push(event),
    onError: (error) => {
      throw error
    },
  })
}

/** The verdicts told since the last call, by step. */
function told() {
  const verdicts = events.flatMap((event) => (event.type === 'verdicts' ? event.verdicts : []))
  events = events.filter((event) => event.type !== 'verdicts')
  return Object.fromEntries(verdicts.map(({ step, passed, seen }) => [step, passed || seen]))
}
const entries = (): ProgressEntry[] =>
  events.flatMap((event) => (event.type === 'progress' ? event.entries : []))

describe('a watcher', () => {
  it('tells all when a lesson is opened, later only what changed', async () => {
    watcher.show(watcher, 'lesson')
    await vi.waitFor(() => expect(events).not.toEqual([]))
    expect(told()).toEqual({
      one: 'it is not',
      two: 'it is not done yet',
      event: 'it is not',
      asked: 'it is not',
      broken: 'reading it failed: no such file',
    })
    state.one = true
    watcher.activity()
    await vi.waitFor(() => expect(entries().map(({ step }) => step)).toEqual(['one', 'two']))
    expect(told()).toEqual({ one: true, two: true })
  })

  it('latches, and says when a state has gone since', async () => {
    state.one = true
    await watcher.check('lesson')
    expect(progress.isDone('lesson', 'one')).toBe(true)
    state.one = false
    told()
    await watcher.check('lesson')
    expect(told().one).toBe('it is not')
    expect(progress.isDone('lesson', 'one')).toBe(true)
  })

  it('does not judge counters and answers again once they are done', async () => {
    state.event = true
    await watcher.answer('lesson', 'asked', '42')
    expect(told()).toMatchObject({ event: true, asked: true })
    state.event = false
    await watcher.check('lesson')
    expect(Object.keys(told())).toEqual(['one', 'two', 'broken'])
    await watcher.answer('lesson', 'asked', '41')
    expect(told().asked).toBe('it is not')
    expect(progress.isDone('lesson', 'asked')).toBe(true)
  })

  it('tells who asks even when nothing changed', async () => {
    await watcher.check('lesson')
    told()
    await watcher.check('lesson')
    expect(told()).toMatchObject({ one: 'it is not' })
  })

  it('says that there was nothing to look at', async () => {
    sandboxRuns = false
    expect(await watcher.check('lesson')).toBe(false)
    sandboxRuns = true
    expect(await watcher.check('lesson')).toBe(true)
  })

  it('looks by itself while a page shows the lesson, and not otherwise', async () => {
    vi.useFakeTimers()
    watcher.show(watcher, 'lesson')
    await vi.advanceTimersByTimeAsync(3100)
    expect(looks).toBe(4)
    watcher.show(watcher, null)
    await vi.advanceTimersByTimeAsync(3000)
    watcher.activity()
    await vi.advanceTimersByTimeAsync(3000)
    expect(looks).toBe(4)
    vi.useRealTimers()
  })

  it('counts prepared steps as such until the learner does them', async () => {
    await progress.whilePreparing('lesson', ['one'], async () => {
      await watcher.check('lesson')
      state.one = true
    })
    await watcher.check('lesson')
    expect(progress.all().map(({ step, state }) => [step, state])).toEqual([
      ['one', 'prepared'],
      ['two', 'done'],
    ])
    begin() // a restart does not forget it
    await watcher.check('lesson')
    expect(progress.isDone('lesson', 'one')).toBe(false)
    state.one = false
    await watcher.check('lesson')
    state.one = true
    await watcher.check('lesson')
    expect(progress.isDone('lesson', 'one')).toBe(true)
  })
})

it('settles 150 ms after the last activity, and at the latest 1 s after the first', () => {
  vi.useFakeTimers()
  const look = vi.fn()
  const settle = new Settle(look)
  settle.activity()
  vi.advanceTimersByTime(149)
  expect(look).not.toHaveBeenCalled()
  vi.advanceTimersByTime(1)
  expect(look).toHaveBeenCalledTimes(1)
  for (let ms = 0; ms < 3000; ms += 50) {
    settle.activity()
    vi.advanceTimersByTime(50)
  }
  expect(look.mock.calls.length).toBeGreaterThanOrEqual(3)
  expect(look.mock.calls.length).toBeLessThanOrEqual(5)
  vi.useRealTimers()
})

it('runs one at a time, and for all who asked meanwhile once more', async () => {
  let running = 0
  let runs = 0
  const work = new OneAtATime(async () => {
    expect(++running).toBe(1)
    runs += 1
    await new Promise((resolve) => setTimeout(resolve, 5))
    running -= 1
  })
  await Promise.all([work.run(), work.run(), work.run(), work.run()])
  expect(runs).toBe(2)
  await work.run()
  expect(runs).toBe(3)
})
