/**
 * A Debian root file system with everything the workbook needs beside its own sources: Debian packages, npm packages,
 * the sandboxes' image. What is made of it, a virtual machine or a container, then needs no network.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { DEFAULT_CACHE, ensureImage } from '../runtime/src/index.ts'
import { WorkbookError } from '../runtime/src/model/index.ts'
import { ROOT } from './site.ts'

/** Where the project is in it. */
export const HOME = '/opt/docker-internals'

export interface RootfsOptions {
  readonly suite: string
  readonly packages: readonly string[]
  /** Run by mmdebstrap at the end, with the root file system as $1. */
  readonly hook?: string
}

/**
 * mmdebstrap mounts /proc, /sys and /dev below the root: in a namespace of its own, so that removing what was left
 * half-made can never reach this machine's. It ends with us.
 */
export const APART = '--pdeathsig KILL -- unshare --mount --pid --fork --kill-child --'.split(' ')

/** Debian's packages alone. @throws WorkbookError with mmdebstrap's last words. */
export function debianRootfs(root: string, { suite, packages, hook }: RootfsOptions): void {
  const options = [`--include=${packages.join(',')}`, ...(hook ? [`--customize-hook=${hook} "$1"`] : [])]
  must('setpriv', [
    ...[...APART, 'mmdebstrap', '--quiet', '--mode=root', '--variant=minbase'],
    ...[...options, suite, root],
  ])
}

/** What the project would otherwise download or build on its first start. */
export async function putSupplies(root: string, progress: (words: string) => void): Promise<void> {
  const image = dirname((await ensureImage({ onProgress: progress })).root)
  const home = join(root, HOME)
  const images = join(root, DEFAULT_CACHE, 'images')
  mkdirSync(home, { recursive: true })
  mkdirSync(images, { recursive: true, mode: 0o711 })
  must('cp', ['-a', '--reflink=auto', join(ROOT, 'node_modules'), home])
  must('cp', ['-a', '--reflink=auto', image, images])
  for (const name of ['package.json', 'package-lock.json']) cpSync(join(ROOT, name), join(home, name))
  must('chown', ['-R', 'root:root', home])
}

/** @throws WorkbookError with the program's last words. */
export function must(program: string, args: readonly string[]): void {
  const { status, stderr, error } = spawnSync(program, args, {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    env: { ...process.env, LC_ALL: 'C.UTF-8' },
  })
  if (status === 0) return
  throw new WorkbookError({
    code: 'build-failed',
    expected: `${basename(program)} to do its part`,
    found: error?.message ?? stderr.trim().split('\n').slice(-3).join(' '),
    remedy: 'Check the network, the package sources and the free space, then try again.',
  })
}
