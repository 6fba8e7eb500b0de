/** All sandboxes of one data directory: makes them, finds them again after a restart or a reboot, clears away what is half-made. */
import { randomBytes } from 'node:crypto'
import { mkdir, readdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { detectCgroups } from '../kernel/index.ts'
import { WorkbookError } from '../model/index.ts'
import { bundleTerminalHost } from '../terminal/bundle-terminal-host.ts'
import { DiskTemplate, requireRoom } from './disk.ts'
import { dismantle } from './dismantle.ts'
import { removeEmptyParent } from './group.ts'
import { fuseNode, prepareHost } from './host-preparation.ts'
import { idRange } from './id-range.ts'
import { ensureImage } from './image.ts'
import { type LaunchParts, launch, type Wanted } from './launch.ts'
import { DEFAULT_LIMITS, type Limits } from './limits.ts'
import { type Lock, lock } from './lock.ts'
import { sandboxPaths } from './mounts.ts'
import { findOciRuntime } from './oci-runtime.ts'
import { passableDirectory, requireRoot, writableDirectory } from './preconditions.ts'
import { readRecord, type SandboxRecord, stillRuns } from './record.ts'
import { notRevived, revive } from './revive.ts'
import { Sandbox } from './sandbox.ts'
import { terminalHostFiles } from './terminal-host-files.ts'

export const DEFAULT_DATA = '/var/lib/docker-internals'
export const DEFAULT_CGROUP_PARENT = '/docker-internals'

export interface SandboxHostOptions {
  readonly data?: string
  readonly cache?: string
  /** Group that holds the sandboxes' groups, in every hierarchy; under systemd, one of a delegated unit. */
  readonly cgroupParent?: string
  readonly log?: (words: string) => void
  readonly onProgress?: (words: string) => void
  /** Milliseconds the OCI runtime may take for one sandbox. */
  readonly startTimeout?: number
}

export interface CreateOptions {
  readonly limits?: Partial<Limits>
  readonly name?: string
}

/** Seconds a second host waits for the first to let go of the data directory: a killed one needs some milliseconds. */
const LOCK_TIMEOUT = 5

export class SandboxHost {
  /** The sandboxes that were found when this host was opened, running or to be started again. */
  readonly adopted: Sandbox[] = []
  readonly #sandboxes = new Map<string, Sandbox>()
  readonly #templates = new Map<number, Promise<DiskTemplate>>()
  readonly #parts: HostParts

  private constructor(parts: HostParts) {
    this.#parts = parts
  }

  /**
   * Prepares this machine, builds the image where it is missing, adopts what runs, starts again what ended with the machine, clears what is half-made.
   * @throws WorkbookError: not root, no runtime, a directory that cannot be written or is in use, a full disk.
   */
  static async open(options: SandboxHostOptions = {}): Promise<SandboxHost> {
    const { cache, cgroupParent = DEFAULT_CGROUP_PARENT, log = () => {}, onProgress } = options
    const data = resolve(options.data ?? DEFAULT_DATA)
    requireRoot('run sandboxes')
    await writableDirectory(join(data, 'sandboxes'), '--data')
    await passableDirectory(data, '--data')
    const cgroups = await detectCgroups()
    const runtime = await findOciRuntime(cgroups, join(data, 'oci'), options.startTimeout)
    const held = await lock(join(data, 'lock'), LOCK_TIMEOUT)
    if (!held)
      throw new WorkbookError({
        code: 'data-in-use',
        expected: `${data} for ourselves`,
        found: 'another workbook server that uses it',
        remedy: 'Stop that one, or choose another directory with --data.',
      })
    try {
      const [image, terminalHost, fuse, complaints] = await Promise.all([
        ensureImage({ ...(cache ? { cache } : {}), ...(onProgress ? { onProgress } : {}) }),
        terminalHostFiles(join(data, 'terminal-host'), bundleTerminalHost),
        fuseNode(join(data, 'devices')),
        prepareHost(),
      ])
      for (const complaint of complaints) log(complaint)
      const host = new SandboxHost({
        data,
        cgroups,
        runtime,
        held,
        image,
        terminalHost,
        fuse,
        cgroupParent,
        log,
      })
      await host.#findAgain()
      await host.#template(DEFAULT_LIMITS.disk)
      return host
    } catch (error) {
      await held.release()
      throw error
    }
  }

  /** @throws WorkbookError when it cannot be made; nothing of it is left then. */
  async create({ limits, name = '' }: CreateOptions = {}): Promise<Sandbox> {
    const { data, cgroups, runtime, cgroupParent } = this.#parts
    const id = randomBytes(6).toString('hex')
    const cgroup = join(cgroupParent, id)
    const paths = sandboxPaths(join(data, 'sandboxes', id))
    await requireRoom(data)
    try {
      const all = { ...DEFAULT_LIMITS, ...limits }
      return this.#keep(await this.#make({ id, name, cgroup, limits: all, createdAt: Date.now() }))
    } catch (error) {
      await dismantle({ id, paths, cgroups, group: cgroup, runtime }).catch((fault) =>
        this.#parts.log(fault.message),
      )
      throw error
    }
  }

  get(id: string): Sandbox | undefined {
    return this.#sandboxes.get(id)
  }

  all(): Sandbox[] {
    return [...this.#sandboxes.values()]
  }

  async destroyAll(): Promise<void> {
    await Promise.all(this.all().map((sandbox) => sandbox.destroy()))
  }

  /** Lets go of the data directory. Sandboxes stay, for the next host to adopt. */
  async close(): Promise<void> {
    await removeEmptyParent(this.#parts.cgroups, this.#parts.cgroupParent)
    await this.#parts.held.release()
  }

  async #make(wanted: Wanted): Promise<SandboxRecord> {
    const paths = sandboxPaths(join(this.#parts.data, 'sandboxes', wanted.id))
    const template = await this.#template(wanted.limits.disk)
    await mkdir(paths.directory, { mode: 0o711 })
    return launch(this.#parts, wanted, paths, () => template.copyTo(paths.diskFile))
  }

  #keep(record: SandboxRecord): Sandbox {
    const { data, cgroups, runtime, terminalHost } = this.#parts
    const sandbox = new Sandbox({
      ...{ record, cgroups, runtime, node: terminalHost.node },
      paths: sandboxPaths(join(data, 'sandboxes', record.id)),
      onDestroyed: () => this.#sandboxes.delete(record.id),
    })
    this.#sandboxes.set(record.id, sandbox)
    return sandbox
  }

  /** What runs is adopted, what ended with the machine is started again, what was half-made goes. */
  async #findAgain(): Promise<void> {
    const { data, cgroups, runtime, cgroupParent, log } = this.#parts
    for (const id of await readdir(join(data, 'sandboxes'))) {
      const paths = sandboxPaths(join(data, 'sandboxes', id))
      const record = await readRecord(paths.record)
      if (record && (await stillRuns(record))) {
        this.adopted.push(this.#keep(record))
      } else if (record) {
        log(`Starting sandbox ${id} again, which has ended`)
        await revive(this.#parts, { ...record, cgroup: join(cgroupParent, id) }, paths).then(
          (revived) => this.adopted.push(this.#keep(revived)),
          (fault) => log(notRevived(id, fault)),
        )
      } else {
        log(`Clearing away sandbox ${id}, which was half-made`)
        const group = join(cgroupParent, id)
        await dismantle({ id, paths, cgroups, group, runtime }).catch((fault) => log(fault.message))
      }
    }
  }

  #template(size: number): Promise<DiskTemplate> {
    const { data, image } = this.#parts
    const made =
      this.#templates.get(size) ??
      DiskTemplate.make(size, join(image.root, 'root'), idRange(), join(data, 'scratch'))
    this.#templates.set(size, made)
    made.catch(() => this.#templates.delete(size))
    return made
  }
}

interface HostParts extends LaunchParts {
  readonly data: string
  readonly held: Lock
  readonly cgroupParent: string
  readonly log: (words: string) => void
}
