import type { Observation, Verdict } from '@docker-internals/runtime/model'
import { expect, it } from 'vitest'
import type { LoadedLesson } from './catalogue.ts'
import { judge } from './judge.ts'

const observation = {} as Observation

function lesson(observe: () => Promise<Verdict>): LoadedLesson {
  const check = { kind: 'state' as const, observe }
  return {
    page: {
      steps: [
        { id: 'one', title: 'Do one' },
        { id: 'two', title: 'Do two' },
      ],
    },
    lesson: { steps: { one: { check, wrong: [] }, two: { check, wrong: [], after: ['one'] } } },
  } as unknown as LoadedLesson
}
const yes = async () => ({ passed: true, expected: 'e', seen: 's' })

it('judges in the order of the page, and holds a step back until those before it are done', async () => {
  expect(await judge(lesson(yes), observation, new Set())).toEqual([
    { step: 'one', passed: true, expected: 'e', seen: 's' },
    {
      step: 'two',
      passed: false,
      expected: 'the step “Do one” to be done first',
      seen: 'it is not done yet',
    },
  ])
  const [, two] = await judge(lesson(yes), observation, new Set(['one']))
  expect(two!.passed).toBe(true)
})

it('does not fall over a check that does', async () => {
  const broken = async () => {
    throw new Error('EIO')
  }
  const [one] = await judge(lesson(broken), observation, new Set())
  expect(one).toMatchObject({ passed: false, seen: 'reading it failed: EIO' })
})
