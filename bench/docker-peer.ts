/** A Docker Engine of our own beside the machine's, on a directory and a socket of its own, ended afterwards. */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const START_TIMEOUT_MS = 30_000

export interface DockerPeer {
  /** The start of every `docker` command line. */
  readonly docker: readonly string[]
  /** Makes an image of a directory. */
  load(root: string, image: string): void
  end(): Promise<void>
}

/** @throws Error with the engine's last words when it does not start. */
export async function startDocker(): Promise<DockerPeer> {
  const directory = mkdtempSync('/var/tmp/docker-internals-bench-docker-')
  const socket = `unix://${join(directory, 'docker.sock')}`
  const engine = spawn(
    'dockerd',
    [
      ...['--host', socket, '--data-root', join(directory, 'data'), '--exec-root', join(directory, 'exec')],
      ...[
        '--pidfile',
        join(directory, 'pid'),
        '--bridge',
        'none',
        '--iptables=false',
        '--log-level',
        'error',
      ],
      ...['--cgroup-parent', `/docker-internals-bench-${process.pid}`],
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  )
  let words = ''
  engine.stderr.on('data', (chunk) => {
    words = (words + chunk).slice(-2000)
  })
  const docker = ['docker', '--host', socket]
  const isReady = () => {
    try {
      execFileSync(docker[0]!, [...docker.slice(1), 'version'], { stdio: 'ignore' })
      return true
    } catch {
      return false
    }
  }
  const end = async () => {
    if (engine.exitCode === null) {
      engine.kill('SIGTERM')
      await once(engine, 'exit')
    }
    rmSync(directory, { recursive: true, force: true })
  }
  const until = performance.now() + START_TIMEOUT_MS
  while (!isReady()) {
    if (engine.exitCode !== null || performance.now() > until) {
      await end()
      throw new Error(`dockerd did not start: ${words}`)
    }
    await sleep(100)
  }
  return {
    docker,
    load(root, image) {
      const pipe = 'tar -C "$1" -c . | docker --host "$2" import - "$3"'
      execFileSync('sh', ['-c', pipe, 'load', root, socket, image], {
        stdio: ['ignore', 'ignore', 'inherit'],
      })
    },
    end,
  }
}
