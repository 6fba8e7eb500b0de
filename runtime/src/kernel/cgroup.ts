/**
 * Control groups behind one interface, whatever the host has: v1, v2, or both side by side (hybrid).
 * A group is a path below the mount point of every hierarchy, "/docker-internals/abc"; "/" is the root.
 * Kernel documents: Documentation/admin-guide/cgroup-v1/cgroups.rst and cgroup-v2.rst; cgroups(7).
 */
import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { CgroupVersion } from '../model/index.ts'
import { detectHierarchies, type Hierarchy } from './cgroup-hierarchy.ts'
import { delegateV1, fillCpuset, killV1 } from './cgroup-v1.ts'
import { delegateV2, enableControllers, killV2 } from './cgroup-v2.ts'

export type { Hierarchy } from './cgroup-hierarchy.ts'

export interface Cgroups {
  readonly layout: 'v1' | 'v2' | 'hybrid'
  /** The design a learner meets: v1 where any controller is on a v1 hierarchy. */
  readonly version: CgroupVersion
  readonly hierarchies: readonly Hierarchy[]
  /** The hierarchy a controller is attached to; "unified" is the v2 one. On a v2 host every controller is on "unified". */
  hierarchyOf(controller: string): Hierarchy | undefined
  /** Directory of a group in a controller's hierarchy. */
  directory(controller: string, group: string): string
  /** Makes the group in every hierarchy, usable at once: cpusets filled (v1), controllers enabled from the top down (v2). */
  create(group: string): Promise<void>
  exists(controller: string, group: string): Promise<boolean>
  /** Contents without the final newline; null when the group or the file is not there. */
  read(controller: string, group: string, file: string): Promise<string | null>
  /** @throws the kernel's error (EINVAL, EBUSY, EACCES, …) as an errno exception. */
  write(controller: string, group: string, file: string, value: string | number): Promise<void>
  /** Names of the groups directly below, sorted; empty when the group is not there. */
  children(controller: string, group: string): Promise<string[]>
  /** Every group of the subtree by path, the group itself first; empty when it is not there. */
  subtree(controller: string, group: string): Promise<string[]>
  /** Host pids in the group itself. */
  processes(controller: string, group: string): Promise<number[]>
  /** Moves a whole process into the group, in every hierarchy. */
  move(group: string, pid: number): Promise<void>
  /** Kills every process of the subtree, and waits until they are gone. @throws Error when some stay after `timeout` ms. */
  kill(group: string, timeout?: number): Promise<void>
  /** Removes the whole subtree from every hierarchy; one that is not there is no error. @throws EBUSY when processes stay. */
  remove(group: string): Promise<void>
  /** Hands the group to an unprivileged user, who may then make groups below it but not raise its limits. */
  delegate(group: string, uid: number, gid: number): Promise<void>
}

export async function detectCgroups(): Promise<Cgroups> {
  return new MountedCgroups(await detectHierarchies())
}

class MountedCgroups implements Cgroups {
  readonly layout
  readonly version: CgroupVersion
  readonly hierarchies: readonly Hierarchy[]

  constructor(hierarchies: readonly Hierarchy[]) {
    this.hierarchies = hierarchies
    const v1 = hierarchies.some(({ version, controllers }) => version === 'v1' && controllers.length > 0)
    const v2 = hierarchies.some(({ version }) => version === 'v2')
    this.layout = v1 && v2 ? ('hybrid' as const) : v1 ? ('v1' as const) : ('v2' as const)
    this.version = v1 ? 'v1' : 'v2'
  }

  hierarchyOf(controller: string): Hierarchy | undefined {
    if (controller === 'unified' || this.layout === 'v2')
      return this.hierarchies.find(({ version }) => version === 'v2')
    return this.hierarchies.find(
      ({ name, controllers }) => name === controller || controllers.includes(controller),
    )
  }

  directory(controller: string, group: string): string {
    const hierarchy = this.hierarchyOf(controller)
    if (!hierarchy) throw new Error(`no cgroup hierarchy has the controller "${controller}"`)
    return join(hierarchy.mount, group)
  }

  async create(group: string): Promise<void> {
    for (const hierarchy of this.hierarchies) {
      let parent = hierarchy.mount
      for (const name of group.split('/').filter(Boolean)) {
        if (hierarchy.version === 'v2') await enableControllers(parent)
        const directory = join(parent, name)
        await mkdir(directory, { recursive: true })
        if (hierarchy.controllers.includes('cpuset') && hierarchy.version === 'v1')
          await fillCpuset(directory, parent)
        parent = directory
      }
    }
  }

  async exists(controller: string, group: string): Promise<boolean> {
    return (await this.read(controller, group, 'cgroup.procs')) !== null
  }

  async read(controller: string, group: string, file: string): Promise<string | null> {
    if (!this.hierarchyOf(controller)) return null
    try {
      return (await readFile(join(this.directory(controller, group), file), 'utf8')).replace(/\n$/, '')
    } catch (error) {
      // ENODEV: the group was removed between open and read.
      if (['ENOENT', 'ENODEV', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return null
      throw error
    }
  }

  async write(controller: string, group: string, file: string, value: string | number): Promise<void> {
    await writeFile(join(this.directory(controller, group), file), String(value), { flag: 'r+' })
  }

  async children(controller: string, group: string): Promise<string[]> {
    if (!this.hierarchyOf(controller)) return []
    return directoriesBelow(this.directory(controller, group))
  }

  async subtree(controller: string, group: string): Promise<string[]> {
    if (!(await this.exists(controller, group))) return []
    const names = await this.children(controller, group)
    const below = await Promise.all(names.map((name) => this.subtree(controller, join(group, name))))
    return [group, ...below.flat()]
  }

  async processes(controller: string, group: string): Promise<number[]> {
    const pids = (await this.read(controller, group, 'cgroup.procs').catch(ignoreThreaded)) ?? ''
    return pids.split('\n').filter(Boolean).map(Number)
  }

  async move(group: string, pid: number): Promise<void> {
    for (const { mount } of this.hierarchies)
      await writeFile(join(mount, group, 'cgroup.procs'), String(pid), { flag: 'r+' })
  }

  async kill(group: string, timeout = 10_000): Promise<void> {
    const deadline = Date.now() + timeout
    for (let pause = 1; ; pause = Math.min(pause * 2, 50)) {
      let left = 0
      for (const hierarchy of this.hierarchies)
        left += await (hierarchy.version === 'v2' ? killV2 : killV1)(this, hierarchy, group)
      if (left === 0) return
      if (Date.now() > deadline)
        throw new Error(`${left} processes of cgroup ${group} did not end within ${timeout} ms`)
      await sleep(pause)
    }
  }

  async remove(group: string): Promise<void> {
    if (group === '/' || group === '') throw new Error('the root cgroup cannot be removed')
    await Promise.all(this.hierarchies.map(({ mount }) => removeTree(join(mount, group))))
  }

  async delegate(group: string, uid: number, gid: number): Promise<void> {
    for (const { mount, version } of this.hierarchies)
      await (version === 'v2' ? delegateV2 : delegateV1)(join(mount, group), uid, gid)
  }
}

async function directoriesBelow(directory: string): Promise<string[]> {
  try {
    const entries = await readdir(directory, { withFileTypes: true })
    return entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).sort()
  } catch {
    return [] // removed meanwhile
  }
}

/** Reading cgroup.procs of a threaded v2 group is EOPNOTSUPP: its processes are listed by the domain above it. */
function ignoreThreaded(error: NodeJS.ErrnoException): null {
  if (error.code === 'EOPNOTSUPP' || error.code === 'ENOTSUP') return null
  throw error
}

/** rmdir from the leaves up. EBUSY is retried: a killed process leaves its group a moment after it stops being listed. */
async function removeTree(directory: string, attempts = 50): Promise<void> {
  for (const name of await directoriesBelow(directory)) await removeTree(join(directory, name), attempts)
  for (let attempt = 1; ; attempt++) {
    try {
      return await rmdir(directory)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'ENOENT') return
      if (code !== 'EBUSY' || attempt === attempts) throw error
      await sleep(Math.min(attempt * 2, 40))
    }
  }
}
