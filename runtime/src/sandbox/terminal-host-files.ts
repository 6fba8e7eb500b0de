/** What every sandbox needs for its terminals, on the host: a directory with the bundle, and a Node binary to bind over it. */
import { createHash } from 'node:crypto'
import { chmod, mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { filesBelow } from './recipe.ts'

export interface TerminalHostFiles {
  /** Holds `terminal-host.mjs` and what it needs, and an empty `node` to bind the binary over. */
  readonly directory: string
  readonly node: string
}

/**
 * Bundles the terminal host below `parent`, named by its contents: running sandboxes keep the directory they have.
 * @param bundle writes the bundle into the directory it is given.
 */
export async function terminalHostFiles(
  parent: string,
  bundle: (directory: string) => Promise<unknown>,
): Promise<TerminalHostFiles> {
  await mkdir(parent, { recursive: true, mode: 0o711 })
  const building = await mkdtemp(join(parent, 'building-'))
  try {
    await chmod(building, 0o755)
    await bundle(building)
    await writeFile(join(building, 'node'), '', { mode: 0o755 })
    const hash = createHash('sha256')
    for (const file of await filesBelow(building)) {
      hash.update(file.slice(building.length))
      hash.update(await readFile(file))
    }
    const directory = join(parent, hash.digest('hex').slice(0, 16))
    if (!(await stat(directory).catch(() => null))) await rename(building, directory)
    return { directory, node: process.execPath }
  } finally {
    await rm(building, { recursive: true, force: true })
  }
}
