/** `npm run bench [-- <name>…] [--json]`: our figures and a peer's, same work, same run. */
import { cpus, release, totalmem } from 'node:os'
import { parseArgs } from 'node:util'
import type { BenchResult } from '../bench/result.ts'
import { ensureImage } from '../runtime/src/index.ts'
import { WorkbookError } from '../runtime/src/model/index.ts'
import { ensurePackages, TO_BENCH, toServe } from './debian-packages.ts'
import { progressLines, requireLinuxRoot, runTask } from './task.ts'

const BENCHES: Record<string, () => Promise<BenchResult[]>> = {
  sandbox: async () => (await import('../bench/sandbox.ts')).measureSandbox(),
  terminal: async () => (await import('../bench/terminal.ts')).measureTerminal(),
}

await runTask(async () => {
  const { values, positionals } = parseArgs({
    options: { json: { type: 'boolean' } },
    allowPositionals: true,
  })
  const names = positionals.length ? positionals : Object.keys(BENCHES)
  const unknown = names.find((name) => !(name in BENCHES))
  if (unknown !== undefined)
    throw new WorkbookError({
      code: 'unknown-bench',
      expected: `one of ${Object.keys(BENCHES).join(', ')}`,
      found: `"${unknown}"`,
      remedy: 'Name one of them, or none for all.',
    })
  requireLinuxRoot('measure sandboxes')
  const progress = progressLines()
  await ensurePackages([...(await toServe()), ...TO_BENCH], progress)
  await ensureImage({ onProgress: progress })
  const results: BenchResult[] = []
  for (const name of names) {
    progress(`Measuring ${name}`)
    results.push(...(await BENCHES[name]!()))
  }
  const machine = {
    cpus: cpus().length,
    cpu: cpus()[0]?.model,
    memory: totalmem(),
    kernel: release(),
    node: process.version,
  }
  if (values.json) console.log(JSON.stringify({ machine, results }))
  else
    console.table(
      Object.fromEntries(
        results.map(({ name, unit, ours, peer, ratio }) => [
          name,
          {
            unit,
            'ours p50': ours.p50,
            'ours p99': ours.p99,
            peer: peer.name,
            'peer p50': shown(peer.p50),
            'peer p99': shown(peer.p99),
            ratio: shown(ratio),
          },
        ]),
      ),
    )
})

function shown(value: number): number | string {
  return Number.isNaN(value) ? '–' : value
}
