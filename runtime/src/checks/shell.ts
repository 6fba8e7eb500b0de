/** Checks on the shells of the learner's terminals and on what was started from them. */
import type { Check, Observation, ObservedProcess } from '../model/index.ts'
import type { CgroupSubject } from './cgroup.ts'
import { check, failed, list, passed, shown } from './verdicts.ts'

const SHELLS = new Set(['bash', 'sh', 'dash', 'zsh', 'fish', 'ash', 'busybox'])

export interface ShellSubject {
  /** Some shell of the terminal is in the group. A shell started in the shell counts: `bash`, `sudo -s`, `unshare … bash`. */
  isIn(group: CgroupSubject): Check
  /** No shell of the terminal is in the group or below it. */
  isOutOf(group: CgroupSubject): Check
}

/** The shells of one terminal ("a"), or of any. */
export function shell(terminal?: string): ShellSubject {
  return {
    isIn: (group) =>
      check('state', async (observation) => {
        const expected = `your shell in ${group.named(observation)}`
        const shells = await shellsOf(observation, terminal)
        if (shells.length === 0) return failed(expected, 'no terminal is open')
        const key = group.key(observation)
        const inside = shells.find(({ cgroups }) => cgroups[key] === group.path)
        if (inside)
          return passed(
            expected,
            `process ${inside.insidePid} (${shown(inside.name)}) is in ${group.named(observation)}`,
          )
        const places = [
          ...new Set(shells.map(({ cgroups }) => shown(cgroups[key] ?? 'another place'))),
        ].sort()
        return failed(expected, `it is in ${list(places)}`)
      }),

    isOutOf: (group) =>
      check('state', async (observation) => {
        const expected = `no shell of yours in ${group.named(observation)}`
        const key = group.key(observation)
        const shells = await shellsOf(observation, terminal)
        const inside = shells.filter(({ cgroups }) => isAtOrBelow(cgroups[key], group.path))
        if (inside.length === 0)
          return passed(expected, `no shell of yours is in ${group.named(observation)}`)
        return failed(expected, inside.length === 1 ? 'one is' : `${inside.length} are`)
      }),
  }
}

/**
 * A process that got into the group by being forked there: not a shell, and its parent is in the group too.
 * A process that was moved in has its parent elsewhere. One whose parent has ended is init's child wherever it was born,
 * and is given the benefit of the doubt: `setsid sleep 600 &` is a right way.
 */
export function childBornIn(group: CgroupSubject): Check {
  return check('state', async (observation) => {
    const expected = `a process that was started in ${group.named(observation)}`
    const members = await group.members(observation)
    const init = (await observation.processes()).find(({ insidePid }) => insidePid === 1)
    const parents = new Set([...members.map(({ pid }) => pid), init?.pid])
    const others = members.filter(({ name }) => !SHELLS.has(name))
    const born = others.find(({ parent }) => parents.has(parent))
    if (born)
      return passed(
        expected,
        `process ${born.insidePid} (${shown(born.name)}) was started in ${group.named(observation)} and is still there`,
      )
    if (others.length > 0) return failed(expected, 'what is in it was started elsewhere and moved in')
    return failed(expected, members.length === 0 ? 'nothing is in it' : 'only your shell is in it')
  })
}

async function shellsOf(observation: Observation, terminal?: string): Promise<ObservedProcess[]> {
  const processes = await observation.processes()
  const roots = [...observation.shells].flatMap(([name, pid]) =>
    terminal === undefined || name === terminal ? [pid] : [],
  )
  const parents = new Map(processes.map(({ pid, parent }) => [pid, parent]))
  const descends = (pid: number): boolean => {
    for (
      let at: number | undefined = pid, steps = 0;
      at !== undefined && steps < 64;
      at = parents.get(at), steps++
    )
      if (roots.includes(at)) return true
    return false
  }
  return processes.filter(({ pid, name }) => roots.includes(pid) || (SHELLS.has(name) && descends(pid)))
}

function isAtOrBelow(path: string | undefined, group: string): boolean {
  return path === group || (path?.startsWith(`${group}/`) ?? false)
}
