/** `npm run prove` leaves nothing on the machine, however it ends. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, it } from 'vitest'
import { takeInventory } from './residue.ts'
import { ROOT } from './site.ts'

function startProver(...args: string[]): ChildProcess {
  return spawn(process.execPath, [join(ROOT, 'setup/prove.ts'), ...args], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

async function text(stream: NodeJS.ReadableStream): Promise<string> {
  let all = ''
  for await (const chunk of stream) all += chunk
  return all
}

/** What is new and can be the prover's: other tests may have sandboxes of their own meanwhile. */
const left = (before: Set<string>) =>
  [...takeInventory()].filter((item) => !before.has(item) && !item.includes('docker-internals-test'))

it('after a proof, whose JSON is all there is on stdout', async () => {
  const before = takeInventory()
  const prover = startProver('make-a-group', '--json')
  prover.stderr!.resume()
  const [out, [code]] = await Promise.all([text(prover.stdout!), once(prover, 'exit')])
  const report = JSON.parse(out)
  expect(code).toBe(0)
  expect(report).toMatchObject({ failed: 0, skipped: [], lessons: [{ id: 'make-a-group' }] })
  for (const step of report.lessons[0].steps)
    expect(step).toMatchObject({ proven: true, reason: null, nearMisses: 2 })
  expect(left(before)).toEqual([])
})

it('after kill -9, as soon as there is another proof', async () => {
  const before = takeInventory()
  const killed = startProver('pids-max')
  for await (const line of createInterface({ input: killed.stderr! }))
    if (line.startsWith('pids-max: cap')) killed.kill('SIGKILL')
  expect(left(before).length).toBeGreaterThan(10)
  const next = startProver('make-a-group')
  next.stderr!.resume()
  next.stdout!.resume()
  expect(await once(next, 'exit')).toEqual([0, null])
  expect(left(before)).toEqual([])
})

// Twice, as impatient people do.
it.each(['SIGINT', 'SIGTERM'] as const)('after %s in the middle', async (signal) => {
  const before = takeInventory()
  const prover = startProver('pids-max')
  const end = once(prover, 'exit')
  let sandboxes = 0
  let words = ''
  for await (const line of createInterface({ input: prover.stderr! })) {
    words += `${line}\n`
    if (!line.startsWith('pids-max: refused')) continue
    sandboxes ||= left(before).length
    prover.kill(signal)
  }
  expect(sandboxes).toBeGreaterThan(10) // there was something to clear away
  expect(await end).toEqual([1, null])
  expect(words).toMatch(/Expected to prove the lessons to the end, found a signal to stop\./)
  expect(left(before)).toEqual([])
})

it.each([
  [['nonsense'], /Expected one of the lessons .*make-a-group.*, found "nonsense"/],
  [['--cgroup', 'v3'], /found --cgroup "v3"/],
  [['--shard', '4/3'], /Expected --shard to be like 1\/3, found "4\/3"/],
  [['--colour'], /Unknown option '--colour'/],
])('after a mistake: %j', async (args, words) => {
  const prover = startProver(...args)
  const [complaint, [code]] = await Promise.all([text(prover.stderr!), once(prover, 'exit')])
  expect(code).toBe(1)
  expect(complaint).toMatch(words)
})
