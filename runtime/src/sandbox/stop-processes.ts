/** Ends everything a learner started and keeps the sandbox itself. */
import { stat } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Cgroups, readProc, readStat } from '../kernel/index.ts'
import { TERMINAL_HOST_ARGV } from './bundle.ts'

export interface Stopped {
  readonly cgroups: Cgroups
  readonly group: string
  readonly initPid: number
  /** Host path of the Node binary the terminal host runs on. */
  readonly node: string
  /** The terminal host's direct children stay too: the learner's shells. */
  readonly keepShells: boolean
}

/** Rounds until nothing is left: a fork bomb is frozen while it is killed, so that one round is enough on a sane kernel. */
const ROUNDS = 50

/** @throws Error when something still runs after all rounds (about 2 s). */
export async function stopProcesses(stopped: Stopped): Promise<void> {
  const { cgroups, group } = stopped
  for (let round = 1; ; round++) {
    await setFrozen(cgroups, group, true)
    const doomed = await selectDoomed(stopped)
    for (const pid of doomed) kill(pid)
    await thawAll(cgroups, group)
    if (doomed.length === 0) return
    if (round === ROUNDS) throw new Error(`${doomed.length} processes did not end`)
    await sleep(Math.min(round * 5, 40))
  }
}

export async function setFrozen(cgroups: Cgroups, group: string, frozen: boolean): Promise<void> {
  if (cgroups.version === 'v2') return cgroups.write('unified', group, 'cgroup.freeze', frozen ? 1 : 0)
  return cgroups.write('freezer', group, 'freezer.state', frozen ? 'FROZEN' : 'THAWED')
}

/** Groups that the learner froze too: a v1 task that is frozen does not die of SIGKILL. */
async function thawAll(cgroups: Cgroups, group: string): Promise<void> {
  const controller = cgroups.version === 'v2' ? 'unified' : 'freezer'
  for (const each of await cgroups.subtree(controller, group))
    await setFrozen(cgroups, each, false).catch(() => {})
}

/** Pids of the sandbox's terminal hosts; more than one when the learner has started some. */
export async function terminalHosts(place: Pick<Stopped, 'cgroups' | 'group' | 'node'>): Promise<number[]> {
  const hosts: number[] = []
  for (const pid of await allProcesses(place)) if (await isTerminalHost(pid, place.node)) hosts.push(pid)
  return hosts
}

async function allProcesses({ cgroups, group }: Pick<Stopped, 'cgroups' | 'group'>): Promise<number[]> {
  const controller = cgroups.version === 'v2' ? 'unified' : 'pids'
  const groups = await cgroups.subtree(controller, group)
  return (await Promise.all(groups.map((each) => cgroups.processes(controller, each)))).flat()
}

async function selectDoomed(stopped: Stopped): Promise<number[]> {
  const { initPid, keepShells } = stopped
  const hosts = new Set(await terminalHosts(stopped))
  const pids = await allProcesses(stopped)
  const doomed: number[] = []
  for (const pid of pids) {
    if (pid === initPid || hosts.has(pid)) continue
    const found = await readStat(pid)
    if (found === null || found.state === 'Z') continue
    if (keepShells && hosts.has(found.parent)) continue
    doomed.push(pid)
  }
  return doomed
}

/** Known by the binary it runs, which is ours and read-only: a name can be chosen by anyone. */
async function isTerminalHost(pid: number, node: string): Promise<boolean> {
  const arguments_ = (await readProc(pid, 'cmdline'))?.split('\0')
  if (arguments_?.[1] !== TERMINAL_HOST_ARGV[1]) return false
  try {
    const [running, ours] = await Promise.all([stat(`/proc/${pid}/exe`), stat(node)])
    return running.ino === ours.ino && running.dev === ours.dev
  } catch {
    return false
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // it ended meanwhile
  }
}
