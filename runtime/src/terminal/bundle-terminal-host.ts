/** Makes the files of the terminal host: one module without imports but Node's own, and node-pty's native part beside it. */
import { copyFile, mkdir } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

export const TERMINAL_HOST_MODULE = 'terminal-host.mjs'

/**
 * Writes `terminal-host.mjs` and `pty.node` into `directory`, which is made when missing.
 * @throws Error when this platform has no prebuilt node-pty (linux x64 and arm64 have one).
 */
export async function bundleTerminalHost(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true })
  const require = createRequire(createRequire(import.meta.url).resolve('node-pty'))
  await Promise.all([
    copyFile(require.resolve(`@lydell/node-pty-linux-${process.arch}/pty.node`), join(directory, 'pty.node')),
    build({
      entryPoints: [fileURLToPath(new URL('host/main.ts', import.meta.url))],
      outfile: join(directory, TERMINAL_HOST_MODULE),
      bundle: true,
      platform: 'node',
      target: 'node24',
      format: 'esm',
      logLevel: 'error',
    }),
  ])
}
