/**
 * `npm test`: everything this machine can show, from types to a real browser. The last line is
 * `N passed, N failed`. With `--full` also what takes long.
 */
import { main as prove } from '../lessons/src/prove/main.ts'
import { detectCgroups, ensureImage } from '../runtime/src/index.ts'
import { ensurePackages, TO_PROVE_V2, TO_TEST, toServe } from './debian-packages.ts'
import { fastGate } from './fast-gate.ts'
import { takeInventory } from './residue.ts'
import { ensureSite } from './site.ts'
import { countProof, Steps, type Tally, vitest } from './tally.ts'
import { progressLines, requireLinuxRoot, runTask } from './task.ts'
import { canProveOnV2, proveOnV2 } from './v2-machine/machine.ts'

await runTask(async () => {
  requireLinuxRoot('test the workbook')
  const progress = progressLines()
  const steps = new Steps()
  await fastGate(steps)

  const before = takeInventory()
  const ready = await steps.run('set-up: packages, sandbox image, site', async () => {
    await ensurePackages([...(await toServe()), ...TO_TEST], progress)
    await ensureImage({ onProgress: progress })
    await ensureSite(progress)
    return { passed: 1, failed: 0, skipped: 0 }
  })
  if (ready) {
    await steps.run('kernel tests', () => vitest('kernel'))
    await steps.run('proof of all lessons', () => proof())
    if (!process.argv.includes('--full'))
      steps.skip('proof of all lessons on cgroup v2', 'emulation takes minutes: npm run test:full')
    else if (!canProveOnV2() || (await detectCgroups()).version === 'v2')
      steps.skip(
        'proof of all lessons on cgroup v2',
        'this host proves it itself, or has no x86-64 processor',
      )
    else
      await steps.run('proof of all lessons on cgroup v2', async () => {
        await ensurePackages(TO_PROVE_V2, progress)
        return countProof(await proveOnV2(['--all'], progress))
      })
    await steps.run('browser tests', () => vitest('browser'))
    await steps.run('nothing is left on the machine', () => leftSince(before))
  }
  process.exitCode = steps.end()
})

async function proof(): Promise<Tally> {
  let json = ''
  await prove(['--all', '--json'], (text) => {
    json += text
  })
  return countProof(JSON.parse(json))
}

function leftSince(before: Set<string>): Tally {
  const left = [...takeInventory()].filter((item) => !before.has(item))
  for (const item of left) console.log(`left behind: ${item}`)
  return { passed: left.length ? 0 : 1, failed: left.length, skipped: 0 }
}
