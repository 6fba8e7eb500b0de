/** What a sandbox may use at most. Set on the group above what is delegated, so it cannot be raised from inside. */
import { availableParallelism } from 'node:os'
import type { Cgroups } from '../kernel/cgroup.ts'

export interface Limits {
  /** Processes and threads; a Docker Engine with a few containers needs some hundreds. */
  readonly pids: number
  /** Bytes of memory, page cache and tmpfs included. */
  readonly memory: number
  /** Processors, fractions allowed. */
  readonly cpus: number
  /** Bytes of the sandbox's own disk: home, /var/lib/docker, /tmp and every changed file of the image. */
  readonly disk: number
}

export const DEFAULT_LIMITS: Limits = {
  pids: 1024,
  memory: 1024 ** 3,
  cpus: Math.min(2, availableParallelism()),
  disk: 3 * 1024 ** 3,
}

/** Length of a cpu bandwidth period in microseconds; sched-bwc.rst has 100 ms as its default. */
const PERIOD = 100_000

export async function setLimits(
  cgroups: Cgroups,
  group: string,
  { pids, memory, cpus }: Limits,
): Promise<void> {
  const quota = Math.round(cpus * PERIOD)
  await cgroups.write('pids', group, 'pids.max', pids)
  if (cgroups.version === 'v2') {
    await cgroups.write('memory', group, 'memory.max', memory)
    await cgroups.write('memory', group, 'memory.swap.max', 0).catch(withoutSwap)
    await cgroups.write('cpu', group, 'cpu.max', `${quota} ${PERIOD}`)
    return
  }
  await cgroups.write('memory', group, 'memory.limit_in_bytes', memory)
  await cgroups.write('memory', group, 'memory.memsw.limit_in_bytes', memory).catch(withoutSwap)
  await cgroups.write('cpu', group, 'cpu.cfs_period_us', PERIOD)
  await cgroups.write('cpu', group, 'cpu.cfs_quota_us', quota)
}

/** The file is there only on kernels that account for swap. */
function withoutSwap(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error
}
