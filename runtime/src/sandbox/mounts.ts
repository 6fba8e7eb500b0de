/**
 * The two mounts a sandbox has on the host: its disk, and the overlay of image and disk that is its root.
 * Both lie below the sandbox's directory; the loop device goes with the last mount of the disk (autoclear, loop(4)).
 */
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { mustRun, run } from './command.ts'

export interface SandboxPaths {
  readonly directory: string
  readonly diskFile: string
  readonly disk: string
  readonly root: string
  readonly socket: string
  readonly record: string
}

export function sandboxPaths(directory: string): SandboxPaths {
  return {
    directory,
    diskFile: `${directory}/disk.ext4`,
    disk: `${directory}/disk`,
    root: `${directory}/root`,
    socket: `${directory}/socket`,
    record: `${directory}/sandbox.json`,
  }
}

/** One shell for both: a process less. `discard` gives the host back what the learner deletes. */
const MOUNT = `
set -e
mount -t ext4 -o loop,noatime,discard,noinit_itable "$1/disk.ext4" "$1/disk"
mount -t overlay -o "lowerdir=$2,upperdir=$1/disk/upper,workdir=$1/disk/work" overlay "$1/root"`

export async function mountSandbox({ directory }: SandboxPaths, image: string): Promise<void> {
  await mustRun(['sh', '-c', MOUNT, 'mount-sandbox', directory, image])
}

/** Unmounts what is there of both, and waits until the loop device is free. Whatever was left half-mounted is fine. */
export async function unmountSandbox({ directory, diskFile, disk, root }: SandboxPaths): Promise<void> {
  const loop = await loopOf(disk)
  for (let attempt = 1; ; attempt++) {
    const left = (await mountedBelow(directory)).filter((target) => target === root || target === disk)
    if (left.length === 0) break
    // Lazily in the end: a process of the host that looked into the sandbox must not keep the learner's name taken.
    const how = attempt > 20 ? ['--lazy'] : []
    await run([
      'umount',
      ...how,
      ...(left.includes(root) ? [root] : []),
      ...(left.includes(disk) ? [disk] : []),
    ])
    if (attempt > 1) await sleep(Math.min(attempt * 5, 50))
    if (attempt > 40) await mustRun(['umount', '--lazy', ...left])
  }
  if (loop === null) return
  for (let attempt = 0; attempt < 100 && (await backingFile(loop)) === diskFile; attempt++) {
    if (attempt === 50) await run(['losetup', '--detach', `/dev/loop${loop}`])
    await sleep(10)
  }
}

/** Number of the loop device mounted at `disk`; null when nothing is. */
async function loopOf(disk: string): Promise<number | null> {
  const text = await readFile('/proc/self/mountinfo', 'utf8')
  for (const line of text.split('\n')) {
    const [, , device, , target] = line.split(' ')
    if (target === disk && device?.startsWith('7:')) return Number(device.slice(2))
  }
  return null
}

async function backingFile(loop: number): Promise<string | null> {
  const text = await readFile(`/sys/block/loop${loop}/loop/backing_file`, 'utf8').catch(() => null)
  return text?.trim().replace(/ \(deleted\)$/, '') ?? null
}

async function mountedBelow(directory: string): Promise<string[]> {
  const text = await readFile('/proc/self/mountinfo', 'utf8')
  return text.split('\n').flatMap((line) => {
    const target = line.split(' ')[4]
    return target?.startsWith(`${directory}/`) ? [target] : []
  })
}
