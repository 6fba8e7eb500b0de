/** The container image of the workbook, from a base that is made here instead of pulled. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { DockerPeer } from '../../bench/docker-peer.ts'
import { DEFAULT_CACHE } from '../../runtime/src/index.ts'
import { TO_SERVE } from '../debian-packages.ts'
import { debianRootfs, must, putSupplies } from '../rootfs.ts'
import { ROOT } from '../site.ts'

export const IMAGE = 'docker-internals'
const BASE = 'docker-internals-base'
/** As the Dockerfile installs them on a public base. */
const PACKAGES = ['ca-certificates', 'crun', 'nodejs', 'npm', 'runc', 'tini', ...TO_SERVE].sort()

/** @throws WorkbookError with the last words of what failed. */
export async function buildImage(
  { docker, load }: DockerPeer,
  progress: (words: string) => void,
): Promise<void> {
  mkdirSync(DEFAULT_CACHE, { recursive: true, mode: 0o711 })
  const work = mkdtempSync(join(DEFAULT_CACHE, 'container-'))
  try {
    progress('Building the base of the container (about a minute)')
    const root = join(work, 'root')
    debianRootfs(root, { suite: 'trixie', packages: PACKAGES })
    await putSupplies(root, progress)
    load(root, BASE)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
  progress('Building the image of the workbook')
  const [program, ...args] = [
    ...docker,
    'build',
    '--quiet',
    '--build-arg',
    `BASE=${BASE}`,
    '--tag',
    IMAGE,
    ROOT,
  ]
  must(program!, args)
}
