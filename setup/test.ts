/**
 * `npm test`: everything this machine can show, from types to a real browser. The last line is
 * `N passed, N failed`. With `--full` also what takes long.
 */
import { main as prove } from '../lessons/src/prove/main.ts'
import { ensureImage } from '../runtime/src/index.ts'
import { ensurePackages, TO_SERVE, TO_TEST } from './debian-packages.ts'
import { fastGate } from './fast-gate.ts'
import { takeInventory } from './residue.ts'
import { ensureSite } from './site.ts'
import { Steps, type Tally, vitest } from './tally.ts'
import { progressLines, requireLinuxRoot, runTask } from './task.ts'

await runTask(async () => {
  requireLinuxRoot('test the workbook')
  const progress = progressLines()
  const steps = new Steps()
  await fastGate(steps)

  const before = takeInventory()
  const ready = await steps.run('set-up: packages, sandbox image, site', async () => {
    await ensurePackages([...TO_SERVE, ...TO_TEST], progress)
    await ensureImage({ onProgress: progress })
    await ensureSite(progress)
    return { passed: 1, failed: 0, skipped: 0 }
  })
  if (ready) {
    await steps.run('kernel tests', () => vitest('kernel'))
    await steps.run('proof of all lessons', () => proof())
    await steps.run('browser tests', () => vitest('browser'))
    await steps.run('nothing is left on the machine', () => leftSince(before))
  }
  process.exitCode = steps.end()
})

/** The proof counts its own steps and says them in JSON. */
async function proof(): Promise<Tally> {
  let json = ''
  await prove(['--all', '--json'], (text) => {
    json += text
  })
  const { lessons, failed, skipped } = JSON.parse(json) as {
    lessons: {
      id: string
      cgroup: string
      steps: { id: string; proven: boolean; nearMisses: number; reason: string | null }[]
    }[]
    failed: number
    skipped: { id: string; reason: string }[]
  }
  const proven = lessons.flatMap((lesson) => lesson.steps).filter((step) => step.proven).length
  for (const { id, reason } of skipped) console.log(`skipped: ${id}: ${reason}`)
  return { passed: proven, failed, skipped: skipped.length }
}

function leftSince(before: Set<string>): Tally {
  const left = [...takeInventory()].filter((item) => !before.has(item))
  for (const item of left) console.log(`left behind: ${item}`)
  return { passed: left.length ? 0 : 1, failed: left.length, skipped: 0 }
}
