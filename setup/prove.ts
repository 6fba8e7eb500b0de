/** `npm run prove`: installs what the proof needs, then hands over to the prover; cgroup v2 on a v1 host is proven in a machine. */
import { inWords, main } from '../lessons/src/prove/main.ts'
import { detectCgroups } from '../runtime/src/index.ts'
import { ensurePackages, TO_PROVE_V2, toServe } from './debian-packages.ts'
import { progressLines, requireLinuxRoot, runTask } from './task.ts'
import { canProveOnV2, proveOnV2 } from './v2-machine/machine.ts'

await runTask(async () => {
  requireLinuxRoot('prove lessons')
  const progress = progressLines()
  await ensurePackages(await toServe(), progress)
  const args = process.argv.slice(2)
  if (!(await wantsMachine(args))) {
    process.exitCode = await main(args)
    return
  }
  await ensurePackages(TO_PROVE_V2, progress)
  const { report } = await proveOnV2(
    args.filter((word) => word !== '--json'),
    progress,
  )
  process.stdout.write(args.includes('--json') ? `${JSON.stringify(report)}\n` : inWords(report))
  process.exitCode = report.failed === 0 ? 0 : 1
})

async function wantsMachine(args: readonly string[]): Promise<boolean> {
  const at = args.indexOf('--cgroup')
  const wanted = at >= 0 ? args[at + 1] : undefined
  return wanted === 'v2' && (await detectCgroups()).version === 'v1' && canProveOnV2()
}
