/** What only v2 has: controllers enabled from the top down, documented delegation, cgroup.kill. */
import { chown, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Cgroups, Hierarchy } from './cgroup.ts'

/**
 * Hands every controller the group has to its children. One that cannot be enabled is left out:
 * with processes in the group a domain controller is EBUSY (cgroup-v2.rst, "No Internal Process Constraint").
 */
export async function enableControllers(directory: string): Promise<void> {
  const words = async (file: string) =>
    (await readFile(join(directory, file), 'utf8')).split(/\s+/).filter(Boolean)
  const enabled = new Set(await words('cgroup.subtree_control'))
  for (const controller of await words('cgroup.controllers'))
    if (!enabled.has(controller))
      await writeFile(join(directory, 'cgroup.subtree_control'), `+${controller}`, { flag: 'r+' }).catch(
        () => {},
      )
}

/** The files that the kernel itself names as safe to hand over; cgroup-v2.rst, "Delegation". */
export async function delegateV2(directory: string, uid: number, gid: number): Promise<void> {
  const named = await readFile('/sys/kernel/cgroup/delegate', 'utf8').catch(
    () => 'cgroup.procs\ncgroup.threads\ncgroup.subtree_control\n',
  )
  await chown(directory, uid, gid)
  for (const file of named.split('\n').filter(Boolean))
    await chown(join(directory, file), uid, gid).catch(ignoreAbsent)
}

/** The list names files of every controller; a group has those of its own. */
function ignoreAbsent(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error
}

/**
 * One round of cgroup.kill (Linux 5.14), which takes the whole subtree at once.
 * @returns 1 while the subtree is populated, else 0.
 */
export async function killV2(cgroups: Cgroups, _hierarchy: Hierarchy, group: string): Promise<number> {
  const events = await cgroups.read('unified', group, 'cgroup.events')
  if (!events?.includes('populated 1')) return 0
  await cgroups.write('unified', group, 'cgroup.kill', 1)
  return 1
}
