/**
 * The root file system of sandboxes: built once from Debian's packages, named by its recipe, then never changed,
 * because running sandboxes have it as the lower layer of their overlay.
 */
import {
  chmod,
  chown,
  copyFile,
  cp,
  lchown,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import { WorkbookError } from '../model/index.ts'
import { mustRun } from './command.ts'
import { requireRoom } from './disk.ts'
import { writeDockerArchive } from './docker-archive.ts'
import { type IdRange, idRange } from './id-range.ts'
import { lock } from './lock.ts'
import { inMappedNamespace } from './mapped-namespace.ts'
import { passableDirectory, requireRoot, writableDirectory } from './preconditions.ts'
import { filesBelow, IMAGE_SOURCES, type Recipe, recipeId, SANDBOX_RECIPE } from './recipe.ts'

export const DEFAULT_CACHE = '/var/cache/docker-internals'

export interface Image {
  readonly id: string
  /** The directory that is the lower layer. */
  readonly root: string
}

export interface ImageOptions {
  /** Directory below which images are kept; `DEFAULT_CACHE` when absent. */
  readonly cache?: string
  readonly recipe?: Recipe
  /** Told in words what is being done, when it takes long. */
  readonly onProgress?: (words: string) => void
}

/** Bytes the build needs at its peak: the packages, unpacked, and the archives of the Docker images. */
const BUILD_ROOM = 1.5 * 1024 ** 3
/** Seconds one waits for another process that builds the same image. */
const BUILD_TIMEOUT = 1800

/**
 * Gives the image of the recipe, building it first where it is not there or was left half-built.
 * @throws WorkbookError when it cannot be built; nothing is left behind then.
 */
export async function ensureImage(options: ImageOptions = {}): Promise<Image> {
  const { recipe = SANDBOX_RECIPE, onProgress = () => {} } = options
  const cache = resolve(options.cache ?? DEFAULT_CACHE)
  requireRoot('build the image of the sandboxes')
  const id = await recipeId(recipe)
  const images = join(cache, 'images')
  const image: Image = { id, root: join(images, id, 'rootfs') }
  if (await isWhole(images, id)) return image
  await writableDirectory(images, '--cache')
  await passableDirectory(cache, '--cache')
  const held = await lock(join(images, 'lock'), BUILD_TIMEOUT)
  if (!held)
    throw new WorkbookError({
      code: 'image-locked',
      expected: 'to build the image of the sandboxes',
      found: `another process that has been building it for ${BUILD_TIMEOUT / 60} minutes`,
      remedy: `See who holds ${join(images, 'lock')} and end it.`,
    })
  try {
    if (await isWhole(images, id)) return image
    await removeHalfBuilt(images, id)
    await requireRoom(images, BUILD_ROOM)
    const building = join(images, `building-${id}`)
    try {
      await build(recipe, building, onProgress)
      await rename(building, join(images, id))
    } catch (error) {
      await rm(building, { recursive: true, force: true })
      throw error
    }
    return image
  } finally {
    await held.release()
  }
}

/** The last file a build writes: an image without it was damaged by hand or half-copied. */
const SEAL = 'recipe.json'

async function isWhole(images: string, id: string): Promise<boolean> {
  const seal = await readFile(join(images, id, SEAL), 'utf8').catch(() => null)
  return (
    seal !== null &&
    JSON.parse(seal).id === id &&
    (await stat(join(images, id, 'rootfs/usr/bin'))).isDirectory()
  )
}

async function removeHalfBuilt(images: string, id: string): Promise<void> {
  for (const name of await readdir(images))
    if (name.startsWith('building-') || name === id)
      await rm(join(images, name), { recursive: true, force: true })
}

async function build(recipe: Recipe, building: string, onProgress: (words: string) => void): Promise<void> {
  const range = idRange()
  const root = join(building, 'rootfs')
  await mkdir(root, { recursive: true })
  for (const directory of [building, root]) await chmod(directory, 0o755)
  await chown(root, range.base, range.base)
  onProgress('Building the sandbox image: Debian packages (about half a minute, once)')
  const tar = join(building, 'rootfs.tar')
  await mmdebstrap(recipe, tar, onProgress)
  onProgress('Building the sandbox image: unpacking')
  await inMappedNamespace(range, (prefix) => {
    const unpack = [
      'tar',
      '--extract',
      '--numeric-owner',
      '--preserve-permissions',
      '--xattrs',
      '--xattrs-include=*',
    ]
    // Device nodes cannot be made by mapped root, and a sandbox has a /dev of its own.
    return mustRun([...prefix, ...unpack, '--exclude=./dev/*', '--directory', root, '--file', tar], {
      timeout: 600_000,
      endsWithUs: true,
    })
  })
  await rm(tar)
  await layOver(recipe.overlay, root, range)
  if (recipe.engineImages) {
    onProgress('Building the sandbox image: busybox and redis for its Docker Engine')
    await addEngineImages(recipe.suite, building, root, range)
  }
  await writeFile(join(building, SEAL), JSON.stringify({ id: await recipeId(recipe), ...recipe }, null, 2))
  // The rename that follows must not be on disk before the files are.
  await mustRun(['sync', '--file-system', building], { timeout: 600_000 })
}

async function mmdebstrap(
  { suite, variant, packages }: Recipe,
  tar: string,
  onProgress: (words: string) => void,
): Promise<void> {
  // An ordinary user, for lessons in which root would be allowed too much. A tiny image may have no useradd.
  const addUser =
    'if [ -x "$1/usr/sbin/useradd" ]; then chroot "$1" useradd --create-home --shell /bin/bash learner; fi'
  const argv = [
    'mmdebstrap',
    `--customize-hook=${addUser}`,
    `--variant=${variant}`,
    `--include=${packages.join(',')}`,
    suite,
    tar,
  ]
  await mustRun(argv, {
    timeout: 1_800_000,
    endsWithUs: true,
    env: { ...process.env, LC_ALL: 'C.UTF-8' },
    onOutput(chunk) {
      const step = /^I: (downloading|installing|extracting)[^\n]*/m.exec(chunk)
      if (step) onProgress(`Building the sandbox image: ${step[0].slice(3).replace(/\.+$/, '')}`)
    },
  })
}

/** Lays our own files over the packages' and makes what packages do not bring. */
async function layOver(overlay: string, root: string, range: IdRange): Promise<void> {
  const own = (path: string) => lchown(path, range.base, range.base)
  const directories = [
    'usr/lib/docker-internals',
    'usr/share/docker-internals/images',
    'var/lib/docker',
    'etc',
    'root',
    'usr/local/bin',
  ]
  for (const directory of directories) {
    const made = await mkdir(join(root, directory), { recursive: true })
    if (made)
      for (let path = join(root, directory); path.length >= made.length; path = dirname(path)) await own(path)
  }
  for (const file of await filesBelow(overlay)) {
    const target = join(root, relative(overlay, file))
    await rm(target, { force: true })
    await copyFile(file, target)
    await chmod(target, (await stat(file)).mode & 0o111 ? 0o755 : 0o644)
    await own(target)
  }
  // PID 1 is a sleeper under its customary name; see bundle.ts.
  await rm(join(root, 'sbin/init'), { force: true })
  await symlink('/usr/bin/sleep', join(root, 'sbin/init'))
  await own(join(root, 'sbin/init'))
}

async function addEngineImages(suite: string, building: string, root: string, range: IdRange): Promise<void> {
  const layers = join(building, 'engine-images')
  await mkdir(layers)
  await mustRun([join(IMAGE_SOURCES, 'engine-images.sh'), suite, layers], {
    timeout: 900_000,
    endsWithUs: true,
  })
  const images = [
    { name: 'busybox:latest', command: ['sh'] },
    {
      name: 'redis:latest',
      command: ['redis-server', '--protected-mode', 'no'],
      workingDirectory: '/data',
      ports: ['6379/tcp'],
    },
  ]
  for (const image of images) {
    const file = `${image.name.split(':')[0]}.tar`
    const target = join(building, file)
    await writeDockerArchive(image, join(layers, file), target)
    const place = join(root, 'usr/share/docker-internals/images', file)
    await cp(target, place)
    await chown(place, range.base, range.base)
    await chmod(place, 0o644)
    await rm(target)
  }
  await rm(layers, { recursive: true })
}
