/** One running sandbox: its ways in, its brakes, its end. Made by SandboxHost. */
import { join } from 'node:path'
import type { Cgroups } from '../kernel/cgroup.ts'
import { type CgroupVersion, WorkbookError } from '../model/index.ts'
import { TERMINAL_HOST_ARGV } from './bundle.ts'
import { type Finished, failure, mustRun, run } from './command.ts'
import { dismantle } from './dismantle.ts'
import { type EntryOptions, entry } from './entry.ts'
import type { Limits } from './limits.ts'
import type { SandboxPaths } from './mounts.ts'
import type { OciRuntime } from './oci-runtime.ts'
import { type SandboxRecord, stillRuns } from './record.ts'
import { setFrozen, stopProcesses, terminalHosts } from './stop-processes.ts'

export interface SandboxParts {
  readonly record: SandboxRecord
  readonly paths: SandboxPaths
  readonly cgroups: Cgroups
  readonly runtime: OciRuntime
  /** Host path of the Node binary for the terminal host. */
  readonly node: string
  readonly onDestroyed: () => void
}

export interface ExecOptions extends Omit<EntryOptions, 'detached'> {
  /** Milliseconds; 30 s when absent. The program is killed then and its `code` is null. */
  readonly timeout?: number
  /** Bytes of stdout and stderr kept; 1 MiB when absent. */
  readonly maxBytes?: number
  readonly input?: string
  readonly onOutput?: (chunk: string) => void
}

export type ExecResult = Finished

/** Docker's first start in a sandbox also loads the images; 1-3 s on an idle machine. */
const DOCKER_TIMEOUT = 60_000

export class Sandbox {
  readonly id: string
  /** What the caller named it for; need not be unique. */
  readonly name: string
  /** Host pid of the sandbox's pid 1. */
  readonly initPid: number
  /** The sandbox's group in every hierarchy. */
  readonly cgroup: string
  readonly cgroups: Cgroups
  readonly version: CgroupVersion
  readonly limits: Limits
  /** Milliseconds since the epoch. */
  readonly createdAt: number
  /** Host path at which the server listens; inside it is TERMINAL_HOST_ARGV's last word. */
  readonly terminalSocket: string
  readonly #parts: SandboxParts
  #ending: Promise<void> | null = null

  constructor(parts: SandboxParts) {
    const { record, cgroups, paths } = parts
    this.#parts = parts
    this.id = record.id
    this.name = record.name
    this.initPid = record.initPid
    this.cgroup = record.cgroup
    this.limits = record.limits
    this.createdAt = record.createdAt
    this.cgroups = cgroups
    this.version = cgroups.version
    this.terminalSocket = join(paths.socket, 'terminal.sock')
  }

  /** Whether its init still runs. */
  alive(): Promise<boolean> {
    return stillRuns(this.#parts.record)
  }

  /**
   * Runs a program as the sandbox's root, in its own group and all its namespaces, without a terminal.
   * @throws WorkbookError `sandbox-ended` or `sandbox-frozen`
   */
  async exec(argv: readonly string[], options: ExecOptions = {}): Promise<ExecResult> {
    await this.#requireRunning()
    const way = await entry(this.cgroups, this.cgroup, this.initPid, argv, options)
    return run(way.argv, { ...options, env: way.env })
  }

  /**
   * Starts the terminal host again after it was killed; the first one is started with the sandbox.
   * @param replace also when one runs: it may be stopped, or an impostor.
   */
  async startTerminalHost({ replace = false } = {}): Promise<void> {
    await this.#requireRunning()
    const { cgroups, cgroup: group } = this
    const { node } = this.#parts
    if (!replace && (await terminalHosts({ cgroups, group, node })).length > 0) return
    // What Node needs on this machine, its child needs too: under emulation Node runs without its compiler.
    const { NODE_OPTIONS = '' } = process.env
    const way = await entry(this.cgroups, this.cgroup, this.initPid, TERMINAL_HOST_ARGV, {
      detached: true,
      env: { NODE_OPTIONS },
    })
    const silent = ['sh', '-c', 'exec "$@" </dev/null >/dev/null 2>&1', 'terminal-host', ...way.argv]
    await mustRun(silent, { env: way.env })
  }

  /** Stops every process where it is. @throws WorkbookError `sandbox-ended` */
  async freeze(): Promise<void> {
    await this.#requireRunning()
    await setFrozen(this.cgroups, this.cgroup, true)
  }

  async thaw(): Promise<void> {
    await setFrozen(this.cgroups, this.cgroup, false)
  }

  async frozen(): Promise<boolean> {
    const { cgroups, cgroup } = this
    if (cgroups.version === 'v2') return (await cgroups.read('unified', cgroup, 'cgroup.freeze')) === '1'
    return (await cgroups.read('freezer', cgroup, 'freezer.self_freezing')) === '1'
  }

  /** Kills everything but init and the terminal host; with `keepShells` its shells stay too. */
  async stopProcesses({ keepShells = false } = {}): Promise<void> {
    const { node } = this.#parts
    await stopProcesses({
      cgroups: this.cgroups,
      group: this.cgroup,
      initPid: this.initPid,
      node,
      keepShells,
    })
  }

  /**
   * Starts the Docker Engine unless it runs, and loads the images `busybox` and `redis` the first time.
   * @throws WorkbookError with the engine's last words.
   */
  async startDocker(onProgress: (words: string) => void = () => {}): Promise<void> {
    const onOutput = (chunk: string) => {
      for (const line of chunk.split('\n')) if (line.trim()) onProgress(line.trim())
    }
    const finished = await this.exec(['/usr/local/bin/docker-engine'], { timeout: DOCKER_TIMEOUT, onOutput })
    if (finished.code !== 0) throw failure('the Docker Engine of the sandbox', finished, DOCKER_TIMEOUT)
  }

  /** Ends it and removes everything of it. Calling it twice is fine. @throws WorkbookError `sandbox-remains` */
  destroy(): Promise<void> {
    const { record, paths, cgroups, runtime, onDestroyed } = this.#parts
    this.#ending ??= dismantle({ id: record.id, paths, cgroups, group: record.cgroup, runtime }).then(
      onDestroyed,
      (error) => {
        this.#ending = null
        throw error
      },
    )
    return this.#ending
  }

  async #requireRunning(): Promise<void> {
    const found =
      this.#ending || !(await this.alive()) ? 'it has ended' : (await this.frozen()) ? 'it is frozen' : null
    if (found === null) return
    throw new WorkbookError({
      code: found === 'it is frozen' ? 'sandbox-frozen' : 'sandbox-ended',
      expected: `sandbox ${this.id} to be running`,
      found,
      remedy: found === 'it is frozen' ? 'Thaw it first.' : 'Start a new one.',
    })
  }
}
