/**
 * Checks on control groups. `cgroup('lfnw', { controller: 'pids' })` is /sys/fs/cgroup/pids/lfnw on v1
 * and /sys/fs/cgroup/lfnw on v2: the learner's own root either way.
 */
import type { Check, Observation, ObservedProcess } from '../model/index.ts'
import { check, failed, list, passed, shown } from './verdicts.ts'

export interface CgroupSubject {
  /** "/lfnw". */
  readonly path: string
  readonly controller: string
  /** The key of `ObservedProcess.cgroups`. */
  key(observation: Observation): string
  /** "/lfnw of the pids hierarchy"; v2 has one hierarchy and needs no name for it. */
  named(observation: Observation): string
  members(observation: Observation): Promise<readonly ObservedProcess[]>
  exists(): Check
  /** There is no such group. True before a lesson began too: give such a step an `after`. */
  isGone(): Check
  /** No process is in the group or below it. The group itself may be gone. */
  isEmpty(): Check
  /** Some process is in the group itself. */
  isPopulated(): Check
  /** A file of the group, "pids.max". */
  file(name: string): FileSubject
  /** A line "key value" of a flat-keyed file, `max` of pids.events. */
  counter(file: string, key: string): NumberSubject
}

export interface FileSubject extends NumberSubject {
  /** Numbers are compared as numbers, so that "2" and "2\n" and 2 are the same. */
  is(value: number | string): Check
}

export interface NumberSubject {
  isAtLeast(value: number): Check
  isAtMost(value: number): Check
}

export function cgroup(name: string, options: { controller: string }): CgroupSubject {
  const path = `/${name.split('/').filter(Boolean).join('/')}`
  const { controller } = options
  const place = ({ version }: Observation) => (version === 'v1' ? ` in the ${controller} hierarchy` : '')

  const subject: CgroupSubject = {
    path,
    controller,
    key: ({ version }) => (version === 'v1' ? controller : 'unified'),
    named: ({ version }) => (version === 'v1' ? `${path} of the ${controller} hierarchy` : path),
    members: async (observation) =>
      (await observation.processes()).filter(({ cgroups }) => cgroups[subject.key(observation)] === path),

    exists: () =>
      check('state', async (observation) => {
        const expected = `a group ${path}${place(observation)}`
        const groups = await observation.cgroups(controller)
        if (groups.includes(path)) return passed(expected, `there is a group ${path}${place(observation)}`)
        const others = groups.filter((group) => group !== '/').map((group) => shown(group))
        return failed(expected, others.length === 0 ? 'there is none yet' : `there is only ${list(others)}`)
      }),

    isGone: () =>
      check('state', async (observation) => {
        const expected = `no group ${path}${place(observation)}`
        const groups = await observation.cgroups(controller)
        if (!groups.includes(path))
          return passed(expected, `there is no group ${path}${place(observation)} any more`)
        const inside = (await subject.members(observation)).length
        const below = groups.filter((group) => group.startsWith(`${path}/`)).length
        if (inside > 0) return failed(expected, 'it is still there, with processes in it')
        return failed(
          expected,
          below > 0 ? 'it is still there, with groups below it' : 'it is still there, empty',
        )
      }),

    isEmpty: () =>
      check('state', async (observation) => {
        const expected = `nothing in ${subject.named(observation)} or below it`
        const key = subject.key(observation)
        const inside = (await observation.processes()).filter(
          ({ cgroups }) => cgroups[key] === path || cgroups[key]?.startsWith(`${path}/`),
        )
        if (inside.length === 0)
          return passed(expected, `nothing is in ${subject.named(observation)} any more`)
        const shells = new Set(observation.shells.values())
        const isShell = inside.every(({ pid }) => shells.has(pid))
        return failed(expected, isShell ? 'your shell still is' : 'something still is')
      }),

    isPopulated: () =>
      check('state', async (observation) => {
        const expected = `a process in ${subject.named(observation)}`
        const members = await subject.members(observation)
        if (members.length === 0) return failed(expected, 'nothing is in it')
        const names = members.map(({ name, insidePid }) => `${shown(name)} (${insidePid})`)
        return passed(
          expected,
          `${list(names)} ${names.length === 1 ? 'is' : 'are'} in ${subject.named(observation)}`,
        )
      }),

    file: (name) => {
      const read = (observation: Observation) => observation.cgroupFile(controller, path, name)
      return {
        is: (value) =>
          check('state', async (observation) => {
            const expected = `${name} of ${path} to be ${value}`
            const found = await read(observation)
            if (found === null) return failed(expected, await missing(observation))
            if (found.trim() === String(value)) return passed(expected, `${name} of ${path} is ${value}`)
            return failed(expected, `it is ${shown(found.trim()) || 'empty'}`)
          }),
        ...compare('state', `${name} of ${path}`, async (observation) => {
          const found = await read(observation)
          return found === null ? null : (numeric(found) ?? shown(found.trim()))
        }),
      }
    },

    counter: (file, key) =>
      compare('counter', `"${key}" in ${file} of ${path}`, async (observation) => {
        const found = await observation.cgroupFile(controller, path, file)
        if (found === null) return null
        const line = found.split('\n').find((each) => each.startsWith(`${key} `))
        return line === undefined ? 'missing' : (numeric(line.slice(key.length)) ?? shown(line))
      }),
  }

  async function missing(observation: Observation): Promise<string> {
    const groups = await observation.cgroups(controller)
    return groups.includes(path)
      ? 'the group has no such file'
      : `there is no group ${path}${place(observation)}`
  }

  /** `read` gives a number, words when the file holds no number, or null when it is not there. */
  function compare(
    kind: 'state' | 'counter',
    what: string,
    read: (observation: Observation) => Promise<number | string | null>,
  ): NumberSubject {
    const judge = (words: string, holds: (found: number) => boolean): Check =>
      check(kind, async (observation) => {
        const expected = `${what} to be ${words}`
        const found = await read(observation)
        if (found === null) return failed(expected, await missing(observation))
        if (typeof found === 'number' && holds(found)) return passed(expected, `${what} is ${found}`)
        return failed(expected, `it is ${found}`)
      })
    return {
      isAtLeast: (value) => judge(`at least ${value}`, (found) => found >= value),
      isAtMost: (value) => judge(`at most ${value}`, (found) => found <= value),
    }
  }

  return subject
}

/** "max" is the kernel's word for no limit at all, and stays a word. */
function numeric(text: string): number | null {
  return /^\s*-?\d+\s*$/.test(text) ? Number(text) : null
}
