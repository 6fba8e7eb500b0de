/** What a sandbox's image is made of. Its hash names the image, so that a changed recipe is a new image. */
import { createHash } from 'node:crypto'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { idRange } from './id-range.ts'

export interface Recipe {
  /** Debian suite, one for all hosts: lessons are proven with its versions. */
  readonly suite: string
  /** mmdebstrap's: `minbase` is a small system, `extract` only unpacks the packages. */
  readonly variant: 'minbase' | 'extract'
  readonly packages: readonly string[]
  /** Files laid over the packages, from this directory. */
  readonly overlay: string
  /** Whether the Docker images `busybox` and `redis` are built in. */
  readonly engineImages: boolean
}

/** Files of ours that go into the image, and the script that makes its Docker images. */
export const IMAGE_SOURCES = join(import.meta.dirname, 'image')

const PACKAGES = {
  base: 'ca-certificates file less libcap2-bin procps psmisc lsof sudo util-linux bsdextrautils uidmap xz-utils gettext-base',
  groups: 'cgroup-tools',
  network: 'iproute2 iptables iputils-ping net-tools telnet',
  layers: 'attr fuse3 fuse-overlayfs unionfs-fuse tree',
  docker: 'docker.io apparmor runc jq',
  reading: 'bash-completion man-db manpages nano vim-tiny strace',
}

export const SANDBOX_RECIPE: Recipe = {
  suite: 'bookworm',
  variant: 'minbase',
  packages: Object.values(PACKAGES).join(' ').split(' ').sort(),
  overlay: join(IMAGE_SOURCES, 'rootfs'),
  engineImages: true,
}

/** Bumped when image.ts builds something else from the same recipe. */
const BUILDER = 2

/** @returns 16 hex digits. The id range is part of it: the files' owners lie in it. */
export async function recipeId(recipe: Recipe): Promise<string> {
  const hash = createHash('sha256')
  const { suite, variant, packages, engineImages } = recipe
  hash.update(JSON.stringify([BUILDER, suite, variant, packages, engineImages, idRange()]))
  const sources = [recipe.overlay, ...(engineImages ? [join(IMAGE_SOURCES, 'engine-images.sh')] : [])]
  for (const source of sources)
    for (const file of await filesBelow(source)) {
      const { mode } = await stat(file)
      hash.update(`${relative(source, file)}\0${mode & 0o111 ? 'x' : '-'}\0`)
      hash.update(await readFile(file))
    }
  return hash.digest('hex').slice(0, 16)
}

/** @returns paths of all files, sorted; of a file itself, the file. */
export async function filesBelow(path: string): Promise<string[]> {
  if ((await stat(path)).isFile()) return [path]
  const entries = await readdir(path, { withFileTypes: true, recursive: true })
  return entries.flatMap((entry) => (entry.isFile() ? [join(entry.parentPath, entry.name)] : [])).sort()
}
