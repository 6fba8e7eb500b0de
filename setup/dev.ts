/**
 * `npm run dev`: the site with hot reload, its terminals served by a workbook that runs beside it on loopback.
 * Cookies know no ports: a browser that has opened the workbook's printed link is let in here too.
 */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { ROOT } from './site.ts'
import { runTask } from './task.ts'

await runTask(async () => {
  console.error(
    'Terminals and checks come from a workbook that runs beside this: start it, and open its link once.',
  )
  const vitepress = join(ROOT, 'node_modules/vitepress/bin/vitepress.js')
  const child = spawn(
    process.execPath,
    [vitepress, 'dev', 'docs', '--host', '127.0.0.1', ...process.argv.slice(2)],
    {
      cwd: ROOT,
      stdio: 'inherit',
    },
  )
  child.on('exit', (code) => process.exit(code ?? 0))
})
