/** `npm start`: from a bare Linux machine to a page with a real shell in it. The options are the server's. */
import { parseArgs } from 'node:util'
import { main } from '../sandbox-server/src/cli.ts'
import { install } from './install.ts'
import { SITE } from './site.ts'
import { progressLines, runTask } from './task.ts'

await runTask(async () => {
  const args = process.argv.slice(2)
  if (!args.includes('--help') && !args.includes('-h')) {
    // The server judges its options itself; here only where the image is to be.
    const { cache } = parseArgs({ args, strict: false, options: { cache: { type: 'string' } } }).values
    await install(progressLines(), typeof cache === 'string' ? { cache } : {})
  }
  await main(['--site', SITE, ...args])
})
