/** A sandbox's control group: made, limited and handed over before anything runs in it. */
import { chown, mkdir, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Cgroups } from '../kernel/cgroup.ts'
import type { IdRange } from './id-range.ts'
import { type Limits, setLimits } from './limits.ts'

export async function makeGroup(
  cgroups: Cgroups,
  group: string,
  limits: Limits,
  range: IdRange,
): Promise<void> {
  await cgroups.create(group)
  await setLimits(cgroups, group, limits)
  // Last: from here on the mapped root may make groups below, but the limits stay root's.
  await cgroups.delegate(group, range.base, range.base)
}

/**
 * A group in which /dev/random (c 1:9) is denied, for the lesson on the devices controller of v1: writing
 * devices.deny needs CAP_SYS_ADMIN in the initial user namespace, joining the group does not.
 * Made after the runtime has set the sandbox's own rules: they cannot be replaced once there are children (EINVAL).
 */
export async function makeDeniedGroup(cgroups: Cgroups, group: string, range: IdRange): Promise<void> {
  const devices = cgroups.hierarchyOf('devices')
  if (devices?.version !== 'v1') return
  const directory = join(devices.mount, group, 'nodev')
  await mkdir(directory, { recursive: true })
  await cgroups.write('devices', join(group, 'nodev'), 'devices.deny', 'c 1:9 rwm')
  for (const file of ['', 'cgroup.procs', 'tasks']) await chown(join(directory, file), range.base, range.base)
}

/** Removes the group above the sandboxes' where it is empty. */
export async function removeEmptyParent(cgroups: Cgroups, parent: string): Promise<void> {
  for (const { mount } of cgroups.hierarchies) await rmdir(join(mount, parent)).catch(() => {})
}
