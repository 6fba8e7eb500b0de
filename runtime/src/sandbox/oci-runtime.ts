/** runc or crun, whichever works on this host. The sandbox is told to it as a bundle; see bundle.ts. */
import { mkdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Cgroups } from '../kernel/cgroup.ts'
import { WorkbookError } from '../model/index.ts'
import { failure, run } from './command.ts'

export interface OciRuntime {
  readonly name: 'runc' | 'crun'
  /** Starts the bundle's init and comes back when it runs. @throws WorkbookError with the runtime's own words. */
  start(id: string, bundle: string, pidFile: string): Promise<void>
  /** Forgets a container whose processes are gone or not; what it left of its state goes too. */
  forget(id: string): Promise<void>
}

/** A container is up in well under a second; this is for a host that is swapping or a runtime that hangs. */
export const START_TIMEOUT = 20_000

/**
 * crun where cgroups are v2, runc else: crun 1.8 refuses a hybrid host whose v2 root has controllers.
 * @param state directory the runtime keeps its own state in.
 * @param timeout milliseconds a start may take.
 * @throws WorkbookError `no-oci-runtime`
 */
export async function findOciRuntime(
  cgroups: Cgroups,
  state: string,
  timeout = START_TIMEOUT,
): Promise<OciRuntime> {
  const names = cgroups.version === 'v2' ? (['crun', 'runc'] as const) : (['runc', 'crun'] as const)
  for (const name of names) {
    const found = await run([name, '--version']).catch(() => null)
    if (found?.code === 0) return runtime(name, state, timeout)
  }
  throw new WorkbookError({
    code: 'no-oci-runtime',
    expected: 'runc or crun in PATH',
    found: 'neither',
    remedy: 'Install one: apt-get install runc.',
  })
}

function runtime(name: OciRuntime['name'], state: string, timeout: number): OciRuntime {
  return {
    name,
    async start(id, bundle, pidFile) {
      await mkdir(state, { recursive: true, mode: 0o700 })
      const common = name === 'crun' ? ['--cgroup-manager', 'cgroupfs'] : []
      const argv = [
        name,
        '--root',
        state,
        ...common,
        'run',
        '--detach',
        '--bundle',
        bundle,
        '--pid-file',
        pidFile,
        id,
      ]
      // `run` gives a pipe as stdin: with /dev/null there, crun before 1.9 chowns the host's /dev/null to the
      // mapped root (https://github.com/containers/crun/pull/1847).
      const finished = await run(argv, { timeout })
      if (name === 'crun') await requireOwnDevNull()
      if (finished.code !== 0) throw failure(`${name} run`, finished, timeout)
    },
    async forget(id) {
      // Its processes, cgroups and mounts are ended by us, so that a hanging runtime cannot keep them.
      await rm(join(state, id), { recursive: true, force: true })
    },
  }
}

async function requireOwnDevNull(): Promise<void> {
  const { uid } = await stat('/dev/null')
  if (uid === 0) return
  throw new WorkbookError({
    code: 'dev-null-taken',
    expected: '/dev/null to belong to root',
    found: `owner ${uid}`,
    remedy: 'Run `chown root:root /dev/null` and update crun.',
  })
}
