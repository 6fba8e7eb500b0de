/** What both `npm run check` and `npm test` begin with: no root, no sandbox, under a minute. */
import { join } from 'node:path'
import { ROOT } from './site.ts'
import { gate, type Steps, vitest } from './tally.ts'

export async function fastGate(steps: Steps): Promise<void> {
  const bin = (name: string) => join(ROOT, 'node_modules', '.bin', name)
  await steps.run('types and import graph', () => gate(bin('vue-tsc'), ['-b']))
  await steps.run('lint and format', () => gate(bin('biome'), ['check', '.']))
  await steps.run('unit tests', () => vitest('unit'))
}
