/** What the checks say, word for word: lessons compare these sentences. */
import { describe, expect, it } from 'vitest'
import type { Check, Observation, ObservedProcess } from '../model/index.ts'
import { sentence } from '../model/index.ts'
import { all, answer, any, cgroup, childBornIn, shell } from './index.ts'

interface State {
  version?: 'v1' | 'v2'
  groups?: Record<string, Record<string, string>>
  processes?: { pid: number; name?: string; in?: string; parent?: number; inside?: number }[]
  shells?: Record<string, number>
  answer?: string
}

function observation({
  version = 'v1',
  groups = {},
  processes = [],
  shells = {},
  answer,
}: State): Observation {
  const key = version === 'v1' ? 'pids' : 'unified'
  const observed = processes.map(
    ({ pid, name = 'sleep', in: group = '/', parent = 1, inside = pid }): ObservedProcess => ({
      ...{
        pid,
        name,
        parent,
        insidePid: inside,
        nestedPids: [inside],
        state: 'S',
        startTime: 1,
        namespaces: {},
      },
      cgroups: { [key]: group },
    }),
  )
  return {
    version,
    answer: answer ?? null,
    shells: new Map(Object.entries(shells)),
    processes: async () => observed,
    cgroups: async () => ['/', ...Object.keys(groups)].sort(),
    cgroupFile: async (_: string, group: string, file: string) => groups[group]?.[file] ?? null,
  } as unknown as Observation
}

async function says(check: Check, state: State): Promise<string> {
  const verdict = await check.observe(observation(state))
  return verdict.passed ? `passed: ${verdict.seen}` : sentence(verdict)
}

const web = cgroup('web', { controller: 'pids' })
const group = (files: Record<string, string> = {}) => ({ '/web': files })

describe('a group', () => {
  it('is there or not', async () => {
    expect(await says(web.exists(), {})).toBe('a group /web in the pids hierarchy, there is none yet')
    expect(await says(web.exists(), { version: 'v2', groups: { '/db': {}, '/WEB': {} } })).toBe(
      'a group /web, there is only /WEB and /db',
    )
    expect(await says(web.exists(), { groups: group() })).toBe(
      'passed: there is a group /web in the pids hierarchy',
    )
    expect(await says(web.isGone(), { groups: group() })).toBe(
      'no group /web in the pids hierarchy, it is still there, empty',
    )
    expect(await says(web.isGone(), { groups: group(), processes: [{ pid: 9, in: '/web' }] })).toMatch(
      /it is still there, with processes in it$/,
    )
    expect(await says(web.isGone(), { groups: { '/web': {}, '/web/x': {} } })).toMatch(
      /with groups below it$/,
    )
    expect(await says(web.isGone(), {})).toMatch(/^passed/)
  })

  it('is empty or not, with what is below it', async () => {
    const below = [{ pid: 9, in: '/web/x' }]
    expect(await says(web.isEmpty(), { processes: below })).toBe(
      'nothing in /web of the pids hierarchy or below it, something still is',
    )
    expect(await says(web.isEmpty(), { processes: below, shells: { a: 9 } })).toMatch(
      /, your shell still is$/,
    )
    expect(await says(web.isEmpty(), { processes: [{ pid: 9, in: '/webby' }] })).toMatch(/^passed/)
    expect(await says(web.isPopulated(), {})).toMatch(/, nothing is in it$/)
    expect(await says(web.isPopulated(), { processes: [{ pid: 9, in: '/web', inside: 3 }] })).toBe(
      'passed: sleep (3) is in /web of the pids hierarchy',
    )
  })

  it('has files with values', async () => {
    const max = web.file('pids.max')
    expect(await says(max.is(2), { groups: group({ 'pids.max': '2\n' }) })).toBe(
      'passed: pids.max of /web is 2',
    )
    expect(await says(max.is(2), { groups: group({ 'pids.max': '20' }) })).toBe(
      'pids.max of /web to be 2, it is 20',
    )
    expect(await says(max.is(2), { groups: group() })).toBe(
      'pids.max of /web to be 2, the group has no such file',
    )
    expect(await says(max.is(2), {})).toBe(
      'pids.max of /web to be 2, there is no group /web in the pids hierarchy',
    )
    expect(await says(max.isAtLeast(2), { groups: group({ 'pids.max': 'max' }) })).toBe(
      'pids.max of /web to be at least 2, it is max',
    )
    expect(await says(max.isAtMost(2), { groups: group({ 'pids.max': '2' }) })).toMatch(/^passed/)
  })

  it('has counters', async () => {
    const refused = web.counter('pids.events', 'max').isAtLeast(1)
    expect(await says(refused, { groups: group({ 'pids.events': 'max 0\n' }) })).toBe(
      '"max" in pids.events of /web to be at least 1, it is 0',
    )
    expect(await says(refused, { groups: group({ 'pids.events': 'low 3\nmax 12' }) })).toMatch(
      /^passed.* is 12$/,
    )
    expect(await says(refused, { groups: group({ 'pids.events': 'maximum 3' }) })).toMatch(/, it is missing$/)
  })

  it('shows a hostile name without its control characters', async () => {
    const words = await says(web.exists(), { groups: { '/\u001b]0;owned\u0007\u202e': {} } })
    expect(words).not.toMatch(/[\u001b\u0007\u202e]/)
  })
})

describe('a shell', () => {
  const bash = { pid: 40, name: 'bash', inside: 14 }
  it('is in a group or not, and so is one started in it', async () => {
    const isIn = shell().isIn(web)
    expect(await says(isIn, {})).toBe('your shell in /web of the pids hierarchy, no terminal is open')
    expect(await says(isIn, { processes: [bash], shells: { a: 40 } })).toMatch(/, it is in \/$/)
    expect(await says(isIn, { processes: [{ ...bash, in: '/web' }], shells: { a: 40 } })).toBe(
      'passed: process 14 (bash) is in /web of the pids hierarchy',
    )
    const nested = [
      bash,
      { pid: 50, name: 'sudo', parent: 40 },
      { pid: 60, name: 'bash', parent: 50, in: '/web' },
    ]
    expect(await says(isIn, { processes: nested, shells: { a: 40 } })).toMatch(/^passed/)
    const other = [bash, { pid: 70, name: 'bash', parent: 1, in: '/web' }]
    expect(await says(isIn, { processes: other, shells: { a: 40 } })).toMatch(/, it is in \/$/)
  })

  it('of one terminal only, when it is named', async () => {
    const state = { processes: [bash, { pid: 41, name: 'bash', in: '/web' }], shells: { a: 40, b: 41 } }
    expect(await says(shell('a').isIn(web), state)).toMatch(/, it is in \/$/)
    expect(await says(shell('b').isIn(web), state)).toMatch(/^passed/)
    expect(await says(shell().isOutOf(web), state)).toBe(
      'no shell of yours in /web of the pids hierarchy, one is',
    )
    expect(await says(shell('a').isOutOf(web), state)).toMatch(/^passed/)
  })

  it('has children that were born in its group, or were moved there', async () => {
    const inside = { ...bash, in: '/web' }
    const init = { pid: 20, name: 'init', inside: 1 }
    const born = childBornIn(web)
    expect(await says(born, { processes: [inside] })).toMatch(/, only your shell is in it$/)
    expect(await says(born, { processes: [inside, { pid: 50, parent: 40, in: '/web', inside: 33 }] })).toBe(
      'passed: process 33 (sleep) was started in /web of the pids hierarchy and is still there',
    )
    expect(await says(born, { processes: [inside, { pid: 50, parent: 39, in: '/web' }] })).toMatch(
      /, what is in it was started elsewhere and moved in$/,
    )
    expect(await says(born, { processes: [init, inside, { pid: 50, parent: 20, in: '/web' }] })).toMatch(
      /^passed/,
    )
  })
})

describe('an answer', () => {
  const check = answer('the path', async ({ version }) =>
    version === 'v1' ? { right: ['/web'] } : { missing: 'none' },
  )
  it('is compared with the kernel', async () => {
    expect(await says(check, {})).toBe('the path, you have not answered yet')
    expect(await says(check, { answer: '  /WEB ' })).toBe('passed: /WEB is the path')
    expect(await says(check, { answer: '/db' })).toBe('the path, /db is not it')
    expect(await says(check, { answer: '/db', version: 'v2' })).toBe('the path, none')
  })
})

describe('checks made of checks', () => {
  const [yes, no] = [web.exists(), cgroup('db', { controller: 'pids' }).exists()]
  const state = { groups: group() }
  it('all: the first that fails is the verdict', async () => {
    expect(await says(all(yes, no), state)).toMatch(/^a group \/db/)
    expect(await says(all(yes, yes), state)).toMatch(/^passed: there is .*, and there is/)
  })
  it('any: one is enough; none, and the first speaks', async () => {
    expect(await says(any(no, yes), state)).toMatch(/^passed/)
    expect(await says(any(no, no), state)).toMatch(/^a group \/db/)
  })
})
