/** Starts a sandbox on a disk that is there or being made: mounts, group, bundle, init, and the record of it. */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Cgroups, readStat } from '../kernel/index.ts'
import { WorkbookError } from '../model/index.ts'
import { type BundleParts, bundleConfig } from './bundle.ts'
import { makeDeniedGroup, makeGroup } from './group.ts'
import { idRange } from './id-range.ts'
import type { Image } from './image.ts'
import { mountSandbox, type SandboxPaths } from './mounts.ts'
import type { OciRuntime } from './oci-runtime.ts'
import { bootId, type SandboxRecord, writeRecord } from './record.ts'
import type { TerminalHostFiles } from './terminal-host-files.ts'

export interface LaunchParts {
  readonly cgroups: Cgroups
  readonly runtime: OciRuntime
  readonly image: Image
  readonly terminalHost: TerminalHostFiles
  readonly fuse: string
}

export type Wanted = Pick<SandboxRecord, 'id' | 'name' | 'cgroup' | 'limits' | 'createdAt'>

/**
 * @param disk puts the disk's file in its place; done beside the rest.
 * @throws WorkbookError when it does not run; what was made so far stays, for `dismantle`.
 */
export async function launch(
  parts: LaunchParts,
  wanted: Wanted,
  paths: SandboxPaths,
  disk: () => Promise<void>,
): Promise<SandboxRecord> {
  const { cgroups, runtime, image, terminalHost, fuse } = parts
  const { id, cgroup, limits } = wanted
  const range = idRange()
  for (const path of [paths.disk, paths.root, paths.socket])
    await mkdir(path, { recursive: true, mode: 0o755 })
  const bundle: BundleParts = {
    ...{ root: paths.root, disk: paths.disk, socketDirectory: paths.socket, fuseNode: fuse, cgroup, range },
    ...{
      terminalHost: terminalHost.directory,
      node: terminalHost.node,
      hybrid: cgroups.layout === 'hybrid',
    },
  }
  const config = bundleConfig(bundle).then((object) =>
    writeFile(join(paths.directory, 'config.json'), JSON.stringify(object)),
  )
  const mounted = disk().then(() => mountSandbox(paths, image.root))
  await allDone([config, mounted, makeGroup(cgroups, cgroup, limits, range)])
  const pidFile = join(paths.directory, 'init.pid')
  await runtime.start(id, paths.directory, pidFile)
  const initPid = Number(await readFile(pidFile, 'utf8'))
  const stat = await readStat(initPid)
  if (!stat || stat.state === 'Z')
    throw new WorkbookError({
      code: 'sandbox-ended',
      expected: `${runtime.name} to leave a running sandbox`,
      found: 'its init had ended at once',
      remedy: 'Try again; if it happens again, the image may be damaged: remove it from the cache directory.',
    })
  await makeDeniedGroup(cgroups, cgroup, range)
  const identity = { initPid, startTime: stat.startTime, boot: await bootId(), image: image.id }
  const record = { ...wanted, ...identity }
  await writeRecord(paths.record, record)
  return record
}

/** Waits for all, then fails with the first failure: a clean-up must not race with work still under way. */
async function allDone(work: readonly Promise<void>[]): Promise<void> {
  const settled = await Promise.allSettled(work)
  const failed = settled.find((result) => result.status === 'rejected')
  if (failed) throw failed.reason
}
