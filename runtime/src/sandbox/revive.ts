/**
 * After a reboot a sandbox's processes are gone and its disk is there: the same sandbox is started on it again,
 * with the learner's home, the images of their Docker Engine and whatever they installed.
 */
import { WorkbookError } from '../model/index.ts'
import { failure, mustRun, run } from './command.ts'
import { takeDown } from './dismantle.ts'
import { type LaunchParts, launch } from './launch.ts'
import type { SandboxPaths } from './mounts.ts'
import type { SandboxRecord } from './record.ts'

/** A gibibyte of ext4 is checked in well under a second, on an emulated machine in some. */
const CHECK_TIMEOUT = 120_000

/**
 * Files outside of the home were written over the layers of one image, and an overlay on another lower layer is
 * undefined (overlayfs.rst, "Changes to underlying filesystems"): with a new image they begin anew.
 */
const EMPTY_OVERLAY = `
set -e
mount -t ext4 -o loop "$1/disk.ext4" "$1/disk"
find "$1/disk/upper" "$1/disk/work" -mindepth 1 -delete
umount "$1/disk"`

/** @throws WorkbookError when it cannot be started; its disk is left as it is. */
export async function revive(
  parts: LaunchParts,
  record: SandboxRecord,
  paths: SandboxPaths,
): Promise<SandboxRecord> {
  const { cgroups, runtime } = parts
  const remains = { id: record.id, paths, cgroups, group: record.cgroup, runtime }
  await takeDown(remains)
  try {
    return await launch(parts, record, paths, async () => {
      await checkDisk(paths.diskFile)
      if (record.image !== parts.image.id)
        await mustRun(['sh', '-c', EMPTY_OVERLAY, 'revive', paths.directory])
    })
  } catch (error) {
    await takeDown(remains)
    throw error
  }
}

/** The disk has no journal: after a stop without unmounting it must be gone through. fsck(8): below 4, all is well now. */
async function checkDisk(file: string): Promise<void> {
  const checked = await run(['e2fsck', '-f', '-y', file], { timeout: CHECK_TIMEOUT })
  if (checked.code === null || checked.code >= 4) throw failure(`e2fsck of ${file}`, checked, CHECK_TIMEOUT)
}

/** What is said of a disk that cannot be used. */
export function notRevived(id: string, fault: unknown): string {
  const words = fault instanceof WorkbookError ? fault.message : String(fault)
  return `Sandbox ${id} could not be started again; its files stay where they are. ${words}`
}
