/** From "make me a sandbox" to a prompt in it: ours, plain `runc run` of the same bundle, and `docker run` of the same files. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ensureImage, FRESH, type Sandbox, SandboxHost, TerminalLink } from '../runtime/src/index.ts'
import { startDocker } from './docker-peer.ts'
import { untilPrompt } from './prompt.ts'
import { alone, type BenchResult, compare } from './result.ts'

const ROUNDS = 20
const PROMPT = /root@[\w-]+:/

export async function measureSandbox(): Promise<BenchResult[]> {
  const data = mkdtempSync('/var/tmp/docker-internals-bench-')
  const group = `/docker-internals-bench-${process.pid}`
  const host = await SandboxHost.open({ data, cgroupParent: group })
  try {
    const model = await host.create()
    await oursToPrompt(host) // the first one of all also fills caches
    await runcToPrompt(data, model, group)
    const ours: number[] = []
    const removed: number[] = []
    const runc: number[] = []
    for (let round = 0; round < ROUNDS; round++) {
      const made = await oursToPrompt(host)
      ours.push(made.ms)
      removed.push(made.removedInMs)
      runc.push(await runcToPrompt(data, model, group))
    }
    return [
      compare('create to prompt', 'ms', ours, { name: 'runc run', samples: runc }),
      await againstDocker(ours),
      alone('destroy', 'ms', removed, 'none: runc and docker leave disk and mounts to others'),
    ]
  } finally {
    await host.destroyAll()
    await host.close()
    rmSync(data, { recursive: true })
  }
}

async function oursToPrompt(host: SandboxHost): Promise<{ ms: number; removedInMs: number }> {
  const started = performance.now()
  const sandbox = await host.create()
  const link = await TerminalLink.listen(sandbox.terminalSocket)
  await link.whenConnected()
  await new Promise<void>((resolve) => {
    let shown = ''
    const nothing = () => {}
    link.attach('a', FRESH, {
      output: (message) => {
        shown += message.subarray(8).toString()
        if (PROMPT.test(shown)) resolve()
      },
      ...{ attached: nothing, size: nothing, exit: nothing, failure: nothing, lost: nothing },
    })
  })
  const ms = performance.now() - started
  await link.stop()
  const ended = performance.now()
  await sandbox.destroy()
  return { ms, removedInMs: performance.now() - ended }
}

/** The same root, mounts and namespaces, with bash in place of init; disk and root are there already, which ours has to make. */
async function runcToPrompt(data: string, model: Sandbox, group: string): Promise<number> {
  const config = JSON.parse(readFileSync(join(data, 'sandboxes', model.id, 'config.json'), 'utf8'))
  const bundle = mkdtempSync(join(data, 'peer-'))
  config.process.terminal = true
  config.process.args = ['/bin/bash']
  config.linux.cgroupsPath = `${group}/peer`
  writeFileSync(join(bundle, 'config.json'), JSON.stringify(config))
  const argv = ['runc', '--root', join(data, 'peer'), 'run', '--bundle', bundle, 'peer']
  const prompted = await untilPrompt(argv, PROMPT)
  await prompted.end()
  rmSync(bundle, { recursive: true })
  return prompted.ms
}

async function againstDocker(ours: readonly number[]): Promise<BenchResult> {
  const name = 'create to prompt, against docker'
  let peer: Awaited<ReturnType<typeof startDocker>>
  try {
    peer = await startDocker()
  } catch (error) {
    return alone(
      name,
      'ms',
      ours,
      `docker run: skipped: ${(error as Error).message.trim().split('\n').at(-1)}`,
    )
  }
  try {
    const { root } = await ensureImage({})
    peer.load(root, 'peer')
    const argv = [
      ...peer.docker,
      'run',
      '--rm',
      '--tty',
      '--interactive',
      '--network',
      'none',
      'peer',
      'bash',
    ]
    const samples: number[] = []
    for (let round = 0; round <= ROUNDS; round++) {
      const prompted = await untilPrompt(argv, PROMPT)
      await prompted.end()
      if (round > 0) samples.push(prompted.ms)
    }
    return compare(name, 'ms', ours, { name: 'docker run', samples })
  } finally {
    await peer.end()
  }
}
