/** Which cgroup hierarchies are mounted, and which controllers each of them has. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type CgroupVersion, WorkbookError } from '../model/index.ts'
import { readMounts } from './mount.ts'

export interface Hierarchy {
  /** The v1 controllers joined by commas ("cpu,cpuacct"), "name=systemd" for a named one, "unified" for v2. */
  readonly name: string
  readonly controllers: readonly string[]
  /** Where it is mounted on the host. */
  readonly mount: string
  readonly version: CgroupVersion
}

/** @throws WorkbookError when none is mounted. */
export async function detectHierarchies(): Promise<Hierarchy[]> {
  const known = await knownControllers()
  const found = new Map<string, Hierarchy>()
  for (const { type, root, target, superOptions } of await readMounts('self')) {
    if (root !== '/') continue // a subtree bound elsewhere
    if (type === 'cgroup2' && !found.has('unified')) {
      const controllers = (await readFile(join(target, 'cgroup.controllers'), 'utf8'))
        .split(/\s+/)
        .filter(Boolean)
      found.set('unified', { name: 'unified', controllers, mount: target, version: 'v2' })
    } else if (type === 'cgroup') {
      const controllers = superOptions.filter((option) => known.has(option))
      const name = controllers.join(',') || superOptions.find((option) => option.startsWith('name='))
      if (name && !found.has(name)) found.set(name, { name, controllers, mount: target, version: 'v1' })
    }
  }
  if (found.size === 0)
    throw new WorkbookError({
      code: 'no-cgroups',
      expected: 'a mounted cgroup hierarchy',
      found: 'none in /proc/self/mountinfo',
      remedy: 'Mount one: mount -t cgroup2 none /sys/fs/cgroup.',
    })
  return [...found.values()]
}

/** The first column of /proc/cgroups: what is a controller among a v1 mount's options. */
async function knownControllers(): Promise<Set<string>> {
  const text = await readFile('/proc/cgroups', 'utf8').catch(() => '')
  return new Set(
    text.split('\n').flatMap((line) => (line && !line.startsWith('#') ? [line.split('\t')[0]!] : [])),
  )
}
