/**
 * Inside the v2 machine: proves lessons and, with `--contract`, runs the tests of the kernel layer. The report, what
 * was recorded and what the tests say go to stdout as one JSON object.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadLessons } from '../../lessons/src/index.ts'
import { main } from '../../lessons/src/prove/main.ts'

// For the terminal hosts: what their compiler writes is what the emulator trips over.
process.env.NODE_OPTIONS = '--jitless'
const CONTRACT = '--contract'
const root = join(import.meta.dirname, '..', '..')

let report = ''
try {
  const contract = process.argv.includes(CONTRACT) ? kernelTests() : null
  const args = process.argv.slice(2).filter((word) => word !== CONTRACT)
  await main([...args, '--json'], (text) => {
    report += text
  })
  const recordings: Record<string, string> = {}
  if (args.includes('--record'))
    for (const { page, dir, recording } of await loadLessons())
      if (await recording('v2')) recordings[page.id] = readFileSync(join(dir, 'recorded', 'v2.json'), 'utf8')
  console.log(JSON.stringify({ report: JSON.parse(report), recordings, contract }))
} catch (error) {
  console.log(JSON.stringify({ error: (error as Error).message }))
}

/** What Vitest counted in the tests of runtime/src/kernel. */
function kernelTests(): { passed: number; failed: number; words: string } {
  const output = '/tmp/contract.json'
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [
      ...[join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--project', 'kernel', 'runtime/src/kernel'],
      ...['--reporter=default', '--reporter=json', `--outputFile.json=${output}`],
    ],
    { cwd: root, encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '' } },
  )
  const words = `${stdout}${stderr}`.slice(-4000)
  try {
    const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(output, 'utf8'))
    return { passed: numPassedTests, failed: numFailedTests, words }
  } catch {
    return { passed: 0, failed: 1, words }
  }
}
