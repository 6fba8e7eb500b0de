/** A Docker Engine of our own beside the machine's, on a directory and a socket of its own, gone afterwards. */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { WorkbookError } from '../runtime/src/model/index.ts'

const START_TIMEOUT_MS = 30_000

export interface DockerPeer {
  /** The start of every `docker` command line. */
  readonly docker: readonly string[]
  /** Pid of dockerd. */
  readonly pid: number
  /** Makes an image of a directory. */
  load(root: string, image: string): void
  end(): Promise<void>
}

/**
 * @param options.network give containers a bridge and published ports, in a network namespace of the engine's own.
 * @throws Error with the engine's last words when it does not start.
 */
export async function startDocker({ network = false } = {}): Promise<DockerPeer> {
  const directory = mkdtempSync('/var/tmp/docker-internals-bench-docker-')
  const socket = `unix://${join(directory, 'docker.sock')}`
  const apart = ['unshare', '--net', 'sh', '-c', 'ip link set lo up; exec "$@"', 'engine']
  const [program, ...args] = [
    ...(network ? apart : []),
    ...['dockerd', '--host', socket, '--pidfile', join(directory, 'pid'), '--log-level', 'error'],
    ...['--data-root', join(directory, 'data'), '--exec-root', join(directory, 'exec')],
    ...(network ? [] : ['--bridge', 'none', '--iptables=false']),
    ...['--cgroup-parent', `/docker-internals-bench-${process.pid}`],
    ...['--add-runtime', `bounded=${boundedRunc(directory)}`, '--default-runtime', 'bounded'],
  ]
  const engine = spawn(program!, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  let words = ''
  engine.stderr.on('data', (chunk) => {
    words = (words + chunk).slice(-2000)
  })
  const docker = ['docker', '--host', socket]
  const end = async () => {
    if (engine.exitCode === null) {
      engine.kill('SIGTERM')
      await once(engine, 'exit')
    }
    rmSync(directory, { recursive: true, force: true })
  }
  const until = performance.now() + START_TIMEOUT_MS
  while (!answers(docker)) {
    if (engine.exitCode !== null || performance.now() > until) {
      await end()
      throw new Error(`dockerd did not start: ${words}`)
    }
    await sleep(100)
  }
  return { docker, pid: engine.pid!, load: loader(docker), end }
}

/** Docker wants one file to run. */
function boundedRunc(directory: string): string {
  const file = join(directory, 'runc')
  const script = join(import.meta.dirname, 'bounded-runc.mjs')
  writeFileSync(file, `#!/bin/sh\nexec '${process.execPath}' '${script}' "$@"\n`)
  chmodSync(file, 0o755)
  return file
}

/** The engine that runs on this machine already. @throws WorkbookError when none answers. */
export function machineDocker(): DockerPeer {
  const docker = ['docker']
  if (!answers(docker))
    throw new WorkbookError({
      code: 'no-docker',
      expected: 'a Docker Engine to build the image with',
      found: 'none that answers',
      remedy:
        'Start it (systemctl start docker), or try the image without keeping it: npm run container -- try.',
    })
  return { docker, pid: process.pid, load: loader(docker), end: async () => {} }
}

function loader(docker: readonly string[]) {
  return (root: string, image: string) => {
    const pipe = 'from=$1 image=$2; shift 2; tar -C "$from" -c . | "$@" import - "$image"'
    execFileSync('sh', ['-c', pipe, 'load', root, image, ...docker], {
      stdio: ['ignore', 'ignore', 'inherit'],
    })
  }
}

function answers(docker: readonly string[]): boolean {
  try {
    execFileSync(docker[0]!, [...docker.slice(1), 'version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
