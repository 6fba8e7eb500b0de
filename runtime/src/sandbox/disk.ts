/**
 * A sandbox's own disk: an ext4 file system in a sparse file, which is its hard cap.
 * mke2fs runs once for each size; a new disk is a copy of the few blocks it wrote, a matter of a millisecond.
 */
import { chmod, chown, mkdir, mkdtemp, open, rm, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { diskFull, mustRun, run } from './command.ts'
import type { IdRange } from './id-range.ts'

/** The directories a disk starts with, and their modes. `upper` and `work` are overlay's; the others are bound in. */
const DIRECTORIES = { upper: 0o755, work: 0o755, home: 0o700, docker: 0o710, tmp: 0o1777 }

/** Free bytes of the host below which no sandbox is begun: a sparse disk would fail at the learner's first writes. */
const RESERVE = 256 * 1024 ** 2

interface Extent {
  readonly offset: number
  readonly bytes: Buffer
}

export class DiskTemplate {
  readonly #extents: readonly Extent[]
  readonly size: number

  private constructor(size: number, extents: readonly Extent[]) {
    this.size = size
    this.#extents = extents
  }

  /** @param home a directory of the image whose files every home starts with, owned by mapped ids. */
  static async make(size: number, home: string, range: IdRange, scratch: string): Promise<DiskTemplate> {
    await mkdir(scratch, { recursive: true })
    const directory = await mkdtemp(join(scratch, 'disk-template-'))
    try {
      const tree = join(directory, 'tree')
      for (const [name, mode] of Object.entries(DIRECTORIES)) {
        await mkdir(join(tree, name), { recursive: true })
        await chmod(join(tree, name), mode)
        await chown(join(tree, name), range.base, range.base)
      }
      await mustRun(['cp', '--archive', '--no-target-directory', home, join(tree, 'home')])
      await chown(tree, range.base, range.base)
      await chmod(tree, 0o755)
      const file = join(directory, 'ext4')
      const handle = await open(file, 'w')
      await handle.truncate(size)
      await handle.close()
      // No journal, which would cost 64 MiB of it: after a crash of the host the disk is checked instead.
      const features = '^has_journal,uninit_bg'
      const extended = 'lazy_itable_init=1,nodiscard'
      await mustRun([
        'mke2fs',
        '-q',
        '-t',
        'ext4',
        '-O',
        features,
        '-E',
        extended,
        '-m',
        '0',
        '-d',
        tree,
        file,
      ])
      return new DiskTemplate(size, await writtenExtents(file, size))
    } finally {
      await rm(directory, { recursive: true, force: true })
    }
  }

  /** Writes a new disk to `file`. @throws WorkbookError `disk-full`. */
  async copyTo(file: string): Promise<void> {
    const handle = await open(file, 'wx', 0o600)
    try {
      await handle.truncate(this.size)
      for (const { offset, bytes } of this.#extents) await handle.write(bytes, 0, bytes.length, offset)
    } catch (error) {
      throw (error as NodeJS.ErrnoException).code === 'ENOSPC' ? diskFull('none left') : error
    } finally {
      await handle.close()
    }
  }
}

/** @throws WorkbookError `disk-full`. */
export async function requireRoom(directory: string, bytes = RESERVE): Promise<void> {
  const { bavail, bsize } = await statfs(directory)
  const free = bavail * bsize
  const mib = (n: number) => `${Math.floor(n / 1024 ** 2)} MiB`
  if (free < bytes) throw diskFull(`${mib(free)} free at ${directory} where ${mib(bytes)} are needed`)
}

/** The blocks that are not all zero. */
async function writtenExtents(file: string, size: number): Promise<Extent[]> {
  const allocated = await allocatedRanges(file, size)
  const handle = await open(file, 'r')
  const extents: Extent[] = []
  const zeros = Buffer.alloc(256 * 1024)
  try {
    for (const [start, end] of allocated)
      for (let offset = start; offset < end; offset += zeros.length) {
        const bytes = Buffer.alloc(Math.min(zeros.length, end - offset))
        await handle.read(bytes, 0, bytes.length, offset)
        if (!bytes.equals(zeros.subarray(0, bytes.length))) extents.push({ offset, bytes })
      }
  } finally {
    await handle.close()
  }
  return extents
}

/** Byte ranges that the host's file system has blocks for, by filefrag(8); the whole file where it cannot tell. */
async function allocatedRanges(file: string, size: number): Promise<[number, number][]> {
  const { stdout } = await run(['filefrag', '-e', '-b1024', file])
  const ranges = [...stdout.matchAll(/^\s*\d+:\s*(\d+)\.\.\s*(\d+):/gm)].map(
    ([, first, last]) =>
      [Number(first) * 1024, Math.min((Number(last) + 1) * 1024, size)] as [number, number],
  )
  return ranges.length > 0 ? ranges : [[0, size]]
}
