/** The lab from nothing to nothing: up, a lesson in the browser, a restart, the proof of the lessons inside, gone. */
import type { CgroupVersion } from '../../runtime/src/model/index.ts'
import { countProof, type Steps } from '../tally.ts'
import { Lab } from './lab.ts'
import { proofTable } from './table.ts'
import { proveInLab, tryInBrowser } from './trial.ts'

export interface WholeLabOptions {
  readonly version: CgroupVersion
  readonly port: number
  readonly bare?: boolean
  /** What is done of it; all when absent, and the machine is gone afterwards. */
  readonly only?: 'up' | 'try' | 'prove'
  /** Of the lessons; all when empty. */
  readonly lessons?: readonly string[]
  readonly progress: (words: string) => void
}

/** @throws WorkbookError when there is no box or no libvirt; everything else is counted in `steps`. */
export async function wholeLab(steps: Steps, options: WholeLabOptions): Promise<void> {
  const { version, port, bare = false, only, lessons = [], progress } = options
  const lab = await Lab.open({ version, port, bare, progress })
  let url = ''
  try {
    const up = await steps.run(`vagrant up, cgroup ${version}`, async () => {
      url = await lab.up()
      const { ok } = await fetch(new URL('/healthz', url))
      return { passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 }
    })
    if (!up) return
    if (only === 'up') console.log(`Workbook ready: ${url}`)
    if (only === undefined || only === 'try')
      await steps.run(
        `a lesson in the browser, and all of it again after vagrant reload, cgroup ${version}`,
        async () => {
          await tryInBrowser(lab, version, url)
          return { passed: 1, failed: 0, skipped: 0 }
        },
      )
    if (only === undefined || only === 'prove')
      await steps.run(`proof of the lessons in the lab, cgroup ${version}`, async () => {
        const report = await proveInLab(lab, lessons, progress)
        console.log(proofTable(report))
        return countProof(report)
      })
  } finally {
    if (only === undefined) await lab.destroy()
  }
}
