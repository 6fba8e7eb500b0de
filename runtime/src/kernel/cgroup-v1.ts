/** What only v1 needs: filled cpusets, delegation by hand, and a kill without cgroup.kill. */
import { chown, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Cgroups, Hierarchy } from './cgroup.ts'

/** An empty cpuset takes no task (ENOSPC): a new group copies its parent's. cgroup-v1/cpusets.rst. */
export async function fillCpuset(directory: string, parent: string): Promise<void> {
  for (const file of ['cpuset.cpus', 'cpuset.mems']) {
    if ((await readFile(join(directory, file), 'utf8')).trim() !== '') continue
    await writeFile(join(directory, file), await readFile(join(parent, file), 'utf8'), { flag: 'r+' })
  }
}

/** Only the directory and the two lists: the limits stay ours, so they cannot be raised from inside. */
export async function delegateV1(directory: string, uid: number, gid: number): Promise<void> {
  for (const file of ['', 'cgroup.procs', 'tasks']) await chown(join(directory, file), uid, gid)
}

/**
 * One round: freeze, send SIGKILL to all, thaw. Frozen, a fork bomb cannot outrun the round.
 * @returns the number of processes that were still listed.
 */
export async function killV1(cgroups: Cgroups, hierarchy: Hierarchy, group: string): Promise<number> {
  const groups = await cgroups.subtree(hierarchy.name, group)
  const freezer = hierarchy.controllers.includes('freezer')
  const set = async (state: string) => {
    for (const each of freezer ? groups : [])
      await cgroups.write('freezer', each, 'freezer.state', state).catch(() => {})
  }
  const listed = async () =>
    (await Promise.all(groups.map((each) => cgroups.processes(hierarchy.name, each)))).flat()
  if ((await listed()).length === 0) return 0
  await set('FROZEN')
  const pids = await listed()
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // it ended meanwhile
    }
  }
  await set('THAWED')
  return pids.length
}
