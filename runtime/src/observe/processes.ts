/** The processes of a sandbox: those in its cgroup subtree, whatever namespaces they moved to. */
import { parseCgroupFile, parseNestedPids, parseStat, readNamespaces, readProc } from '../kernel/index.ts'
import type { ObservedProcess } from '../model/index.ts'
import type { ObservedSandbox } from './observer.ts'

/** Sorted by pid. A process that ends during the read is left out. */
export async function readProcesses(sandbox: ObservedSandbox): Promise<ObservedProcess[]> {
  const { cgroups, cgroup, initPid } = sandbox
  const membership = cgroups.version === 'v1' ? 'pids' : 'unified'
  const groups = await cgroups.subtree(membership, cgroup)
  const pids = (await Promise.all(groups.map((group) => cgroups.processes(membership, group)))).flat()
  /** How many pid namespaces lie outside of the sandbox's own: its init has one pid in each, and then 1. */
  const depth = parseNestedPids((await readProc(initPid, 'status')) ?? '').length - 1
  const read = await Promise.all([...new Set(pids)].map((pid) => readProcess(pid, depth, cgroup)))
  return read.filter((process) => process !== null).sort((a, b) => a.pid - b.pid)
}

async function readProcess(pid: number, depth: number, root: string): Promise<ObservedProcess | null> {
  const [stat, status, cgroup, namespaces] = await Promise.all([
    readProc(pid, 'stat').then((text) => parseStat(text ?? '')),
    readProc(pid, 'status'),
    readProc(pid, 'cgroup'),
    readNamespaces(pid),
  ])
  if (!stat || !status || cgroup === null) return null
  const nestedPids = parseNestedPids(status).slice(depth)
  if (nestedPids.length === 0) return null
  return {
    pid,
    insidePid: nestedPids[0]!,
    nestedPids,
    parent: stat.parent,
    name: stat.name,
    state: stat.state,
    startTime: stat.startTime,
    cgroups: below(root, parseCgroupFile(cgroup)),
    namespaces,
  }
}

function below(root: string, paths: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(paths).flatMap(([controller, path]) => {
      if (path === root) return [[controller, '/']]
      return path.startsWith(`${root}/`) ? [[controller, path.slice(root.length)]] : []
    }),
  )
}
