/** `npm run check`: the fast gate. Types, lint and format, unit tests, known holes in the packages we ship. */
import { spawnSync } from 'node:child_process'
import { fastGate } from './fast-gate.ts'
import { ROOT } from './site.ts'
import { Steps } from './tally.ts'
import { runTask } from './task.ts'

await runTask(async () => {
  const steps = new Steps()
  await fastGate(steps)
  const audit = spawnSync('npm', ['audit', '--omit=dev', '--audit-level=high', '--json'], {
    cwd: ROOT,
    encoding: 'utf8',
  })
  const advisories = readAudit(audit.stdout)
  if (advisories === null)
    steps.skip('dependency audit', 'the package registry in use does not answer audits')
  else
    await steps.run('dependency audit', () => {
      if (advisories.length) console.log(advisories.join('\n'))
      return { passed: advisories.length ? 0 : 1, failed: advisories.length, skipped: 0 }
    })
  process.exitCode = steps.end()
})

/** Packages with advisories of level high or critical; null when the registry gave no answer. */
function readAudit(json: string): string[] | null {
  try {
    const { vulnerabilities } = JSON.parse(json)
    if (!vulnerabilities) return null
    return Object.values<{ name: string; severity: string }>(vulnerabilities)
      .filter(({ severity }) => severity === 'high' || severity === 'critical')
      .map(({ name, severity }) => `${name}: ${severity}`)
  } catch {
    return null
  }
}
