/**
 * The kernel's account of one sandbox, read from the host side of the wall: cgroupfs and /proc only.
 * A path that the learner names is never opened here; `inside()` has it read by a process in the sandbox.
 */
import { join } from 'node:path'
import { type Cgroups, readMounts } from '../kernel/index.ts'
import type { InsideFile, Observation, ObservedMount } from '../model/index.ts'
import { commandOutput, readInside } from './inside.ts'
import { readProcesses } from './processes.ts'

/** What an observer needs to know of a sandbox; `Sandbox` is one. */
export interface ObservedSandbox {
  /** Host pid of the sandbox's pid 1. */
  readonly initPid: number
  /** The sandbox's group in every hierarchy, "/docker-internals/abc". */
  readonly cgroup: string
  readonly cgroups: Cgroups
  exec(argv: readonly string[], options?: ExecOptions): Promise<ExecResult>
}

export interface ExecOptions {
  /** Milliseconds after which the process is killed; its `code` is then null. */
  readonly timeout?: number
  /** Bytes of output kept; what is over is read and dropped. */
  readonly maxBytes?: number
}

export interface ExecResult {
  /** Exit code; null when a signal or the time-out ended it. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface ObserveOptions {
  readonly answer?: string | null
  /** The terminals' shells: name to the pid INSIDE the sandbox, as its terminal host claims. */
  readonly shells?: ReadonlyMap<string, number>
}

export class Observer {
  readonly #sandbox: ObservedSandbox

  constructor(sandbox: ObservedSandbox) {
    this.#sandbox = sandbox
  }

  /** One look. Whatever is read twice within it is read once, so that all checks of a pass judge the same state. */
  async observe({ answer = null, shells = new Map() }: ObserveOptions = {}): Promise<Observation> {
    const once = memo()
    const { cgroups, cgroup } = this.#sandbox
    const processes = () => once('processes', () => readProcesses(this.#sandbox))
    const hostPids = new Map((await processes()).map(({ insidePid, pid }) => [insidePid, pid]))
    return {
      version: cgroups.version,
      answer,
      shells: new Map(
        [...shells].flatMap(([name, inside]) => {
          const pid = hostPids.get(inside)
          return pid === undefined ? [] : [[name, pid] as const]
        }),
      ),
      processes,
      cgroups: (controller) =>
        once(`cgroups ${controller}`, async () => {
          const groups = await cgroups.subtree(controller, cgroup)
          return groups.map((group) => group.slice(cgroup.length) || '/').sort()
        }),
      cgroupFile: (controller, group, file) =>
        once(`file ${controller} ${group} ${file}`, () =>
          readCgroupFile(this.#sandbox, controller, group, file),
        ),
      mounts: (pid: number): Promise<readonly ObservedMount[]> =>
        once(`mounts ${pid}`, () => readMounts(pid)),
      inside: (path: string): Promise<InsideFile> =>
        once(`inside ${path}`, () => readInside(this.#sandbox, path)),
      output: (argv) => once(`output ${JSON.stringify(argv)}`, () => commandOutput(this.#sandbox, argv)),
    }
  }
}

/** A check's group and file are names, never ways out of the sandbox's own subtree. */
async function readCgroupFile(sandbox: ObservedSandbox, controller: string, group: string, file: string) {
  const path = join('/', group)
  if (file.includes('/')) return null
  try {
    return await sandbox.cgroups.read(controller, join(sandbox.cgroup, path), file)
  } catch {
    return null // EACCES, EOPNOTSUPP: a file that cannot be read says nothing
  }
}

function memo(): <T>(key: string, read: () => Promise<T>) => Promise<T> {
  const known = new Map<string, Promise<unknown>>()
  return <T>(key: string, read: () => Promise<T>) => {
    if (!known.has(key)) known.set(key, read())
    return known.get(key) as Promise<T>
  }
}
