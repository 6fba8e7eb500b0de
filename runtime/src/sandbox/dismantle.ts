/** The end of a sandbox, whole or half-made: no process, mount, cgroup, loop device or file of it stays. */
import { rm } from 'node:fs/promises'
import type { Cgroups } from '../kernel/cgroup.ts'
import { WorkbookError } from '../model/index.ts'
import { type SandboxPaths, unmountSandbox } from './mounts.ts'
import type { OciRuntime } from './oci-runtime.ts'

export interface Remains {
  readonly id: string
  readonly paths: SandboxPaths
  readonly cgroups: Cgroups
  readonly group: string
  readonly runtime: OciRuntime
}

/**
 * Each step is done whether or not its thing is there, and the later ones even when an earlier one fails.
 * @throws WorkbookError `sandbox-remains`, with what could not be removed; calling again tries again.
 */
export async function dismantle(remains: Remains): Promise<void> {
  await takeDown(remains)
  // The record goes with the directory, last: until then a restarted host finds the rest and finishes the work.
  await rm(remains.paths.directory, { recursive: true, force: true })
}

/** The same, but its directory stays, with its disk. */
export async function takeDown({ id, paths, cgroups, group, runtime }: Remains): Promise<void> {
  const faults: string[] = []
  const attempt = async (step: Promise<void>) => {
    await step.catch((error: Error) => faults.push(error.message))
  }
  // Processes first: they hold everything else.
  await attempt(cgroups.kill(group))
  await Promise.all([
    attempt(runtime.forget(id)),
    attempt(cgroups.remove(group)),
    attempt(unmountSandbox(paths)),
  ])
  if (faults.length === 0) return
  throw new WorkbookError({
    code: 'sandbox-remains',
    expected: `everything of sandbox ${id} to be removed`,
    found: faults.join('; '),
    remedy: 'It is tried again when the workbook starts next.',
  })
}
