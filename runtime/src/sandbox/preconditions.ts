/** What must be so before anything of a sandbox is made; each failure is one sentence with what to do. */
import { constants } from 'node:fs'
import { access, mkdir } from 'node:fs/promises'
import { WorkbookError } from '../model/index.ts'

/** @throws WorkbookError `not-linux` or `not-root` */
export function requireRoot(what: string): void {
  if (process.platform !== 'linux')
    throw new WorkbookError({
      code: 'not-linux',
      expected: `Linux to ${what}`,
      found: process.platform,
      remedy: 'Use the lab machine: vagrant up.',
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
    await mkdir(path, { recursive: true, mode: 0o711 })
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
