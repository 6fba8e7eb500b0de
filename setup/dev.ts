/** `npm run dev`: the site with hot reload, its terminals served by a workbook that runs beside it on loopback. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { ROOT } from './site.ts'
import { runTask } from './task.ts'

await runTask(async () => {
  const vitepress = join(ROOT, 'node_modules/vitepress/bin/vitepress.js')
  const child = spawn(process.execPath, [vitepress, 'dev', 'docs', ...process.argv.slice(2)], {
    cwd: ROOT,
    stdio: 'inherit',
  })
  child.on('exit', (code) => process.exit(code ?? 0))
})
