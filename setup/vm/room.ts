/**
 * Where vagrant finds libvirt: the machine's own daemons when they run, else a room with daemons of ours (room.sh).
 * The room outlives the command that opened it, as the virtual machines in it do, until `close`.
 */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { readStat } from '../../runtime/src/kernel/index.ts'
import { WorkbookError } from '../../runtime/src/model/index.ts'

const OPEN_TIMEOUT_MS = 30_000

interface Keeper {
  readonly pid: number
  readonly startTime: number
}

export class Room {
  readonly #state: string
  /** Of the first process inside, as the host numbers it; null when libvirt runs on the machine itself. */
  #first: number | null = null

  private constructor(state: string) {
    this.#state = state
  }

  /** @param state directory for what libvirt writes. @throws WorkbookError when its daemons do not come up. */
  static async open(state: string): Promise<Room> {
    const room = new Room(state)
    if (libvirtAnswers([])) return room
    room.#first = (await room.#find()) ?? (await room.#build())
    return room
  }

  /** What to put before a command so that it runs inside. */
  get prefix(): readonly string[] {
    return this.#first === null ? [] : nsenter(this.#first)
  }

  /** Ends the room with all virtual machines in it; the machine's own libvirt is left alone. */
  async close(): Promise<void> {
    const keeper = this.#keeper()
    if (this.#first === null || !keeper) return
    // Bridges and their firewall rules are the machine's, and would stay.
    for (const network of this.#virsh(['net-list', '--name'])) this.#virsh(['net-destroy', network])
    process.kill(keeper.pid, 'SIGKILL') // unshare(1) ignores SIGTERM; its child ends with it
    while ((await readStat(keeper.pid))?.startTime === keeper.startTime) await sleep(50)
    rmSync(join(this.#state, 'keeper.json'))
    rmSync(join(this.#state, 'open'), { force: true })
  }

  async #build(): Promise<number> {
    mkdirSync(this.#state, { recursive: true })
    rmSync(join(this.#state, 'open'), { force: true })
    const script = join(import.meta.dirname, 'room.sh')
    const argv = ['--mount', '--pid', '--fork', '--kill-child', '--', script, this.#state]
    const child = spawn('unshare', argv, { detached: true, stdio: ['ignore', 'ignore', 'pipe'] })
    let words = ''
    child.stderr.on('data', (chunk) => {
      words += chunk
    })
    child.unref()
    const stat = await readStat(child.pid!)
    const keeper: Keeper = { pid: child.pid!, startTime: stat?.startTime ?? 0 }
    writeFileSync(join(this.#state, 'keeper.json'), JSON.stringify(keeper))
    const deadline = Date.now() + OPEN_TIMEOUT_MS
    for (;;) {
      await sleep(100)
      const first = existsSync(join(this.#state, 'open')) ? firstChild(keeper.pid) : null
      if (first !== null && libvirtAnswers(nsenter(first))) {
        child.stderr.destroy()
        return first
      }
      if (child.exitCode === null && Date.now() < deadline) continue
      child.kill('SIGKILL')
      throw new WorkbookError({
        code: 'no-libvirt',
        expected: "libvirt's daemons to start",
        found: words.trim().split('\n').at(-1) || 'that they do not answer',
        remedy: `See ${join(this.#state, 'log')}, or start libvirtd yourself.`,
      })
    }
  }

  /** The room that an earlier command opened. */
  async #find(): Promise<number | null> {
    const keeper = this.#keeper()
    if (!keeper || (await readStat(keeper.pid))?.startTime !== keeper.startTime) return null
    return firstChild(keeper.pid)
  }

  #keeper(): Keeper | null {
    try {
      return JSON.parse(readFileSync(join(this.#state, 'keeper.json'), 'utf8'))
    } catch {
      return null
    }
  }

  #virsh(args: readonly string[]): string[] {
    const [program, ...rest] = [...this.prefix, 'virsh', '--connect', 'qemu:///system', ...args]
    return spawnSync(program!, rest, { encoding: 'utf8' }).stdout.split('\n').filter(Boolean)
  }
}

function nsenter(pid: number): string[] {
  return ['nsenter', '--target', String(pid), '--mount', '--pid', '--']
}

function libvirtAnswers(prefix: readonly string[]): boolean {
  const [program, ...args] = [...prefix, 'virsh', '--connect', 'qemu:///system', '--quiet', 'version']
  return spawnSync(program!, args, { stdio: 'ignore', timeout: 10_000 }).status === 0
}

/** /proc/<pid>/task/<pid>/children, proc(5). */
function firstChild(pid: number): number | null {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')
  return children[0] ? Number(children[0]) : null
}
