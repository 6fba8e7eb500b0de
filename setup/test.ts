/**
 * `npm test`: everything this machine can show, from types to a real browser. The last line is
 * `N passed, N failed`. With `--full` also what takes long.
 */
import { main as prove } from '../lessons/src/prove/main.ts'
import { detectCgroups, ensureImage } from '../runtime/src/index.ts'
import { wholeContainer } from './container/trial.ts'
import {
  ensurePackages,
  TO_BUILD_CONTAINER,
  TO_PROVE_V2,
  TO_RUN_VM,
  TO_TEST,
  toServe,
} from './debian-packages.ts'
import { fastGate } from './fast-gate.ts'
import { takeInventory } from './residue.ts'
import { ensureSite } from './site.ts'
import { countProof, Steps, type Tally, vitest } from './tally.ts'
import { progressLines, requireLinuxRoot, runTask } from './task.ts'
import { canProveOnV2, type OnV2, proveOnV2 } from './v2-machine/machine.ts'
import { wholeLab } from './vm/whole-lab.ts'

/** In `npm test`; `--full` proves all of them in the lab. */
const V2_LESSONS = ['make-a-group', 'pids-max']
/** Of the lab's page on this machine: not the one that a workbook may have. */
const LAB_PORT = 8085

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
    if (!canProveOnV2() || (await detectCgroups()).version === 'v2')
      steps.skip('cgroup v2 on a kernel of its own', 'this host shows it itself, or has no x86-64 processor')
    else
      await steps.run('cgroup v2 on a kernel of its own', async () => {
        await ensurePackages(TO_PROVE_V2, progress)
        return onV2(await proveOnV2(['--contract', ...V2_LESSONS], progress))
      })
    await steps.run('browser tests', () => vitest('browser'))
    if (!process.argv.includes('--full'))
      steps.skip('the lab and the container', 'emulation takes an hour or two: npm run test:full')
    else {
      await ensurePackages([...TO_RUN_VM, ...TO_BUILD_CONTAINER], progress)
      for (const version of ['v2', 'v1'] as const)
        await wholeLab(steps, { version, port: LAB_PORT, progress })
      await steps.run('the workbook in a container', () => wholeContainer(progress))
    }
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

function onV2({ report, contract }: OnV2): Tally {
  if (contract?.failed) console.log(contract.words)
  const { passed, failed, skipped } = countProof(report)
  return { passed: passed + (contract?.passed ?? 0), failed: failed + (contract?.failed ?? 1), skipped }
}

function leftSince(before: Set<string>): Tally {
  const left = [...takeInventory()].filter((item) => !before.has(item))
  for (const item of left) console.log(`left behind: ${item}`)
  return { passed: left.length ? 0 : 1, failed: left.length, skipped: 0 }
}
