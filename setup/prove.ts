/** `npm run prove`: installs what the proof needs, then hands over to the prover. */
import { main } from '../lessons/src/prove/main.ts'
import { ensurePackages, TO_SERVE } from './debian-packages.ts'
import { progressLines, requireLinuxRoot, runTask } from './task.ts'

await runTask(async () => {
  requireLinuxRoot('prove lessons')
  await ensurePackages(TO_SERVE, progressLines())
  process.exitCode = await main(process.argv.slice(2))
})
