/** `npm run build [-- --base /path/]`: the static site for any web server, with recordings in place of terminals. */
import { parseArgs } from 'node:util'
import { ensureSite, SITE } from './site.ts'
import { progressLines, runTask } from './task.ts'

await runTask(async () => {
  const { values } = parseArgs({ options: { base: { type: 'string' } } })
  await ensureSite(progressLines(), { force: true, ...(values.base ? { base: values.base } : {}) })
  console.log(`The site is in ${SITE}`)
})
