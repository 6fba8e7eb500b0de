/** What must be so before anything of a sandbox is made; each failure is one sentence with what to do. */
import { constants } from 'node:fs'
import { access, chmod, mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { WorkbookError } from '../model/index.ts'

/** @throws WorkbookError `not-linux` or `not-root` */
export function requireRoot(what: string): void {
  if (process.platform !== 'linux')
    throw new WorkbookError({
      code: 'not-linux',
      expected: `Linux to ${what}`,
      found: process.platform,
      remedy: 'Use a Linux machine; a virtual one is enough.',
    })
  if (process.geteuid?.() === 0) return
  throw new WorkbookError({
    code: 'not-root',
    expected: `root to ${what}`,
    found: `user id ${process.geteuid?.()}`,
    remedy: 'Run it with sudo.',
  })
}

/** Makes the directory where it is not there. @param option the option that names it. @throws WorkbookError `directory-not-writable` */
export async function writableDirectory(path: string, option: string): Promise<void> {
  try {
    await makeDirectories(path)
    await access(path, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (cause) {
    throw new WorkbookError({
      code: 'directory-not-writable',
      expected: `to write in ${path}`,
      found: (cause as Error).message,
      remedy: `Choose another directory with ${option}.`,
      cause,
    })
  }
}

/** Like mkdir -p. Node's own `recursive` never comes back where mkdir(2) says ENOENT in a directory that is there, as in /proc. */
async function makeDirectories(path: string): Promise<void> {
  if (await stat(path).catch(() => null)) return
  await makeDirectories(dirname(path))
  await mkdir(path, { mode: 0o711 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error // another process made it meanwhile
  })
}

/**
 * A sandbox's root is an ordinary user to the host: it must be able to pass through every directory above its files.
 * Our own directory is opened for that; those above it are not ours to change.
 * @throws WorkbookError `directory-closed`
 */
export async function passableDirectory(path: string, option: string): Promise<void> {
  await chmod(path, (await stat(path)).mode | 0o111)
  for (let above = dirname(path); above !== dirname(above); above = dirname(above)) {
    const { mode } = await stat(above)
    if (mode & 0o001) continue
    throw new WorkbookError({
      code: 'directory-closed',
      expected: `every directory above ${path} to let others pass (chmod o+x)`,
      found: `mode ${(mode & 0o777).toString(8)} at ${above}`,
      remedy: `Run chmod o+x ${above}, or choose another directory with ${option}.`,
    })
  }
}
