/** The v2 machine's kernel and root file system: Debian's, built once and named by what is in it. */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DEFAULT_CACHE } from '../../runtime/src/index.ts'
import { WorkbookError } from '../../runtime/src/model/index.ts'
import { APART } from '../rootfs.ts'

const SUITE = 'bookworm'
const PACKAGES =
  'cgroup-tools crun e2fsprogs initramfs-tools iproute2 kmod libcap2-bin linux-image-amd64 mount procps util-linux zstd'

export interface MachineBase {
  readonly root: string
  readonly kernel: string
  readonly initrd: string
}

/** @throws WorkbookError with mmdebstrap's last words. */
export function ensureMachineBase(progress: (words: string) => void): MachineBase {
  const id = createHash('sha256').update(`${SUITE} ${PACKAGES}`).digest('hex').slice(0, 16)
  const machines = join(DEFAULT_CACHE, 'machines')
  const root = join(machines, id)
  if (!existsSync(root)) {
    progress('Building the cgroup v2 machine (about a minute)')
    mkdirSync(machines, { recursive: true })
    const half = join(machines, `${id}.half-${process.pid}`)
    const include = `--include=${PACKAGES.replaceAll(' ', ',')}`
    const argv = [...APART, 'mmdebstrap', '--quiet', '--variant=minbase', include, SUITE, half]
    const build = spawnSync('setpriv', argv, {
      encoding: 'utf8',
      env: { ...process.env, LC_ALL: 'C.UTF-8' },
    })
    if (build.status !== 0) {
      rmSync(half, { recursive: true, force: true })
      throw new WorkbookError({
        code: 'machine-failed',
        expected: 'mmdebstrap to build the cgroup v2 machine',
        found: build.stderr.trim().split('\n').slice(-3).join(' '),
        remedy: 'Check the network and the package sources, then try again.',
      })
    }
    renameSync(half, root)
  }
  const boot = (name: string) =>
    join(root, 'boot', readdirSync(join(root, 'boot')).find((file) => file.startsWith(name))!)
  return { root, kernel: boot('vmlinuz-'), initrd: boot('initrd.img-') }
}
