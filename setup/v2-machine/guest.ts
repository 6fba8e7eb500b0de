/** Inside the v2 machine: proves lessons and writes the report, and what was recorded, to stdout as one JSON object. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadLessons } from '../../lessons/src/index.ts'
import { main } from '../../lessons/src/prove/main.ts'

process.env.NODE_OPTIONS = '--jitless'
let report = ''
try {
  await main([...process.argv.slice(2), '--json'], (text) => {
    report += text
  })
  const recordings: Record<string, string> = {}
  if (process.argv.includes('--record'))
    for (const { page, dir, recording } of await loadLessons())
      if (await recording('v2')) recordings[page.id] = readFileSync(join(dir, 'recorded', 'v2.json'), 'utf8')
  console.log(JSON.stringify({ report: JSON.parse(report), recordings }))
} catch (error) {
  console.log(JSON.stringify({ error: (error as Error).message }))
}
