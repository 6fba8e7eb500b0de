/**
 * The lab's own Vagrant box for libvirt, made of Debian's packages alone: for places without a box catalogue, for
 * workshops without a network, and for the tests. The project's sources come with `vagrant up`.
 */
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { DEFAULT_CACHE, ensureImage } from '../../runtime/src/index.ts'
import type { CgroupVersion } from '../../runtime/src/model/index.ts'
import { OCI_RUNTIME, TO_SERVE } from '../debian-packages.ts'
import { debianRootfs, must, putSupplies } from '../rootfs.ts'
import { ROOT } from '../site.ts'

/** Debian 13's kernel has no memory controller for version 1 any more; Debian 12's has. */
const SUITE = { v1: 'bookworm', v2: 'trixie' } as const
const KERNEL_OPTIONS = {
  v1: 'systemd.unified_cgroup_hierarchy=0 systemd.legacy_systemd_cgroup_controller=1',
  v2: '',
} as const
const PACKAGES =
  'ca-certificates dbus initramfs-tools libpam-systemd linux-image-amd64 nodejs npm openssh-server rsync sudo systemd-resolved systemd-sysv zstd'.split(
    ' ',
  )
/** MiB of the root partition: the sandboxes' disks are sparse files on it. */
const DISK_MIB = 20 * 1024
const MACHINE = join(import.meta.dirname, 'box', 'machine.sh')
const DISK = join(import.meta.dirname, 'box', 'disk.sh')

export interface Box {
  readonly name: string
  readonly file: string
}

/**
 * @param options.bare without supplies: what a published box is, for trying the provisioning whole.
 * @throws WorkbookError with the last words of what failed; nothing half-made is left.
 */
export async function ensureBox(
  version: CgroupVersion,
  progress: (words: string) => void,
  { bare = false } = {},
): Promise<Box> {
  const packages = [...PACKAGES, ...(bare ? [] : [...TO_SERVE, OCI_RUNTIME[version]])].sort()
  const supplies = bare ? 'none' : (await ensureImage({ onProgress: progress })).id
  const id = boxId([version, packages, supplies])
  const boxes = join(DEFAULT_CACHE, 'boxes')
  const kind = `${version}${bare ? '-bare' : ''}`
  const box = { name: `docker-internals/${kind}-${id}`, file: join(boxes, `${kind}-${id}.box`) }
  if (existsSync(box.file)) return box
  mkdirSync(boxes, { recursive: true })
  const work = mkdtempSync(join(boxes, 'building-'))
  try {
    const root = join(work, 'root')
    progress(`Building the box with Debian ${SUITE[version]} (about three minutes): packages`)
    debianRootfs(root, { suite: SUITE[version], packages, hook: MACHINE })
    if (!bare) await putSupplies(root, progress)
    progress('Building the box: disk')
    must(DISK, [root, join(work, 'disk.raw'), KERNEL_OPTIONS[version], String(DISK_MIB)])
    rmSync(root, { recursive: true })
    must('qemu-img', ['convert', '-O', 'qcow2', join(work, 'disk.raw'), join(work, 'box.img')])
    rmSync(join(work, 'disk.raw'))
    progress('Building the box: packing')
    writeFileSync(join(work, 'metadata.json'), metadata())
    writeFileSync(join(work, 'Vagrantfile'), 'Vagrant.configure("2") { |config| }\n')
    const files = ['metadata.json', 'Vagrantfile', 'box.img']
    must('tar', ['-C', work, '-I', 'gzip -1', '-cf', join(work, 'lab.box'), ...files])
    for (const name of readdirSync(boxes))
      if (new RegExp(`^${kind}-[0-9a-f]+\\.box$`).test(name)) rmSync(join(boxes, name))
    renameSync(join(work, 'lab.box'), box.file)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
  return box
}

/** https://vagrant-libvirt.github.io/vagrant-libvirt/boxes.html; the size in GiB. */
function metadata(): string {
  return JSON.stringify({
    provider: 'libvirt',
    format: 'qcow2',
    virtual_size: Math.ceil(DISK_MIB / 1024) + 1,
  })
}

/** Of everything that goes into it. */
function boxId(parts: readonly unknown[]): string {
  const hash = createHash('sha256').update(JSON.stringify([...parts, KERNEL_OPTIONS, DISK_MIB]))
  for (const file of [MACHINE, DISK, join(ROOT, 'package-lock.json')]) hash.update(readFileSync(file))
  return hash.digest('hex').slice(0, 12)
}
