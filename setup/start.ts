/** `npm start`: from a bare Linux machine to a page with a real shell in it. The options are the server's. */
import { ensureImage } from '../runtime/src/index.ts'
import { main } from '../sandbox-server/src/cli.ts'
import { ensurePackages, TO_SERVE } from './debian-packages.ts'
import { ensureSite, SITE } from './site.ts'
import { progressLines, requireLinuxRoot, runTask } from './task.ts'

await runTask(async () => {
  const args = process.argv.slice(2)
  const progress = progressLines()
  if (!args.includes('--help') && !args.includes('-h')) {
    requireLinuxRoot('serve the workbook')
    await ensurePackages(TO_SERVE, progress)
    const cache = args.includes('--cache') ? args[args.indexOf('--cache') + 1] : undefined
    await ensureImage({ ...(cache ? { cache } : {}), onProgress: progress })
    await ensureSite(progress)
  }
  await main(['--site', SITE, ...args])
})
