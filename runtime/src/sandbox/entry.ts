/**
 * Ways into a running sandbox from the host: its cgroups first, then its namespaces, then the program.
 * nsenter(1) is used rather than the OCI runtime's `exec`: it takes a third of the time, is the same for runc and
 * crun, and on cgroup v2 joins the leaf group where the runtime's own `exec` is refused (EBUSY).
 * What it starts has all capabilities of the sandbox's user namespace and none inheritable, as init has.
 */
import { join } from 'node:path'
import type { Cgroups } from '../kernel/cgroup.ts'
import { ENVIRONMENT, LEAF } from './bundle.ts'

export interface EntryOptions {
  readonly env?: Readonly<Record<string, string>>
  /** Working directory inside; /root when absent. */
  readonly cwd?: string
  /** Start it as a child of the sandbox's init in a session of its own, and come back at once. */
  readonly detached?: boolean
}

/** Joins every group by its cgroup.procs file ($1 … up to --), then becomes nsenter. */
const JOIN = 'while [ "$1" != -- ]; do echo $$ >"$1" || exit 125; shift; done; shift; exec "$@"'

/** @param group the sandbox's own group. @returns an argv and environment for `run`. */
export async function entry(
  cgroups: Cgroups,
  group: string,
  initPid: number,
  argv: readonly string[],
  { env = {}, cwd = '/root', detached = false }: EntryOptions = {},
): Promise<{ argv: string[]; env: NodeJS.ProcessEnv }> {
  const groups = await Promise.all(
    cgroups.hierarchies.map(async ({ name, mount, version }) => {
      const leaf =
        cgroups.layout === 'v2' && version === 'v2' && (await cgroups.exists(name, join(group, LEAF)))
      return join(mount, group, leaf ? LEAF : '', 'cgroup.procs')
    }),
  )
  const namespaces = ['--user', '--mount', '--uts', '--ipc', '--net', '--pid', '--cgroup']
  const identity = ['--setuid', '0', '--setgid', '0', `--wdns=${cwd}`]
  const target = ['--target', String(initPid), ...namespaces, ...identity]
  // Without a fork the program itself stays in the host's pid namespace and only its children are inside:
  // setsid forks the one that stays and ends, so that no process of ours waits outside.
  const program = detached ? ['--no-fork', '--', 'setsid', '--fork', ...argv] : ['--', ...argv]
  return {
    argv: ['sh', '-c', JOIN, 'enter', ...groups, '--', 'nsenter', ...target, ...program],
    env: { ...ENVIRONMENT, ...env },
  }
}
