/** Namespaces by their inodes, and argument vectors of the util-linux commands that make and enter them: namespaces(7). */
import { readlink } from 'node:fs/promises'
import { NAMESPACE_KINDS, type NamespaceKind } from '../model/index.ts'
import { listPids } from './process.ts'

export type Namespaces = Partial<Record<NamespaceKind, number>>

/** Inode of each namespace of a process; kinds that cannot be read (it ended, the kernel has no such kind) are absent. */
export async function readNamespaces(pid: number | 'self'): Promise<Namespaces> {
  const inodes: Namespaces = {}
  await Promise.all(
    NAMESPACE_KINDS.map(async (kind) => {
      const link = await readlink(`/proc/${pid}/ns/${kind}`).catch(() => '')
      const inode = /\[(\d+)\]$/.exec(link)?.[1]
      if (inode) inodes[kind] = Number(inode)
    }),
  )
  return inodes
}

/** True when both processes are alive and share the namespace. */
export async function sameNamespace(
  kind: NamespaceKind,
  one: number | 'self',
  other: number | 'self',
): Promise<boolean> {
  const [a, b] = await Promise.all([readNamespaces(one), readNamespaces(other)])
  return a[kind] !== undefined && a[kind] === b[kind]
}

/** Every namespace that some process is in: inode to the pids in it. One without a process is not found this way. */
export async function listNamespaces(kind: NamespaceKind): Promise<Map<number, number[]>> {
  const members = new Map<number, number[]>()
  for (const pid of await listPids()) {
    const inode = (await readNamespaces(pid))[kind]
    if (inode !== undefined) members.set(inode, [...(members.get(inode) ?? []), pid])
  }
  return members
}

const FLAGS = {
  cgroup: '--cgroup',
  ipc: '--ipc',
  mnt: '--mount',
  net: '--net',
  pid: '--pid',
  time: '--time',
  user: '--user',
  uts: '--uts',
} as const

/** unshare(1): `command` in new namespaces. A new pid namespace begins with the next child, hence `--fork`. */
export function unshareArgv(kinds: readonly NamespaceKind[], command: readonly string[]): string[] {
  return [
    'unshare',
    ...kinds.map((kind) => FLAGS[kind]),
    ...(kinds.includes('pid') ? ['--fork'] : []),
    '--',
    ...command,
  ]
}

/** nsenter(1): `command` in the namespaces of a process. `root` also takes its root directory and working directory. */
export function nsenterArgv(
  pid: number,
  kinds: readonly NamespaceKind[],
  command: readonly string[],
  options: { root?: boolean } = {},
): string[] {
  const flags = kinds.map((kind) => FLAGS[kind])
  return [
    'nsenter',
    '--target',
    String(pid),
    ...flags,
    ...(options.root ? ['--root', '--wd'] : []),
    '--',
    ...command,
  ]
}

/** mount(8): keeps a namespace alive by binding its /proc file over an existing file. */
export function persistArgv(pid: number, kind: NamespaceKind, path: string): string[] {
  return ['mount', '--bind', `/proc/${pid}/ns/${kind}`, path]
}
