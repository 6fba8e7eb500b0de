/** The lab's virtual machine as `vagrant up` makes it, with the lab's own box: up, spoken to, gone. */
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DEFAULT_CACHE } from '../../runtime/src/index.ts'
import { type CgroupVersion, WorkbookError } from '../../runtime/src/model/index.ts'
import { ROOT } from '../site.ts'
import { ensureBox } from './box.ts'
import { Room } from './room.ts'

export interface LabOptions {
  readonly version: CgroupVersion
  /** Of the page on this machine. */
  readonly port: number
  /** A box without anything of ours: provisioning then installs it all. */
  readonly bare: boolean
  readonly progress: (words: string) => void
}

/** Where npm and apt of this machine look for the certificates of a proxy in between. */
const CA = process.env.NODE_EXTRA_CA_CERTS

export class Lab {
  readonly #options: LabOptions
  readonly #room: Room
  readonly #env: NodeJS.ProcessEnv

  private constructor(options: LabOptions, room: Room, box: string) {
    this.#options = options
    this.#room = room
    const state = join(DEFAULT_CACHE, 'vm')
    this.#env = {
      ...process.env,
      VAGRANT_CWD: ROOT, // entering another mount namespace loses the working directory
      VAGRANT_HOME: join(state, 'vagrant'),
      VAGRANT_DOTFILE_PATH: join(state, 'machines'),
      VAGRANT_DEFAULT_PROVIDER: 'libvirt',
      VAGRANT_CHECKPOINT_DISABLE: '1',
      VAGRANT_NO_COLOR: '1',
      HOME: process.env.HOME ?? '/root',
      BOX: box,
      CGROUP: options.version,
      PORT: String(options.port),
      DRIVER: kvmWorks() ? 'kvm' : 'qemu',
      ...(CA && existsSync(CA) ? { CA } : {}),
    }
  }

  /** Builds the box where it is missing, and opens the room that the machine is in. @throws WorkbookError */
  static async open(options: LabOptions): Promise<Lab> {
    const box = await ensureBox(options.version, options.progress, { bare: options.bare })
    const state = join(DEFAULT_CACHE, 'vm')
    mkdirSync(state, { recursive: true })
    const room = await Room.open(join(state, 'libvirt'))
    const lab = new Lab(options, room, box.name)
    if (!(await lab.#vagrant(['box', 'list'])).includes(`${box.name} `)) {
      options.progress('Adding the box to vagrant')
      await lab.#vagrant(['box', 'add', '--name', box.name, '--provider', 'libvirt', box.file])
    }
    return lab
  }

  /** @returns the address of the page, with its token. @throws WorkbookError */
  async up(): Promise<string> {
    return this.#ready(await this.#vagrant(['up']))
  }

  /** Stops the machine and starts it again. @throws WorkbookError */
  async reload(): Promise<string> {
    return this.#ready(await this.#vagrant(['reload']))
  }

  /** Runs a shell command inside as root. @returns its stdout. @throws WorkbookError */
  async run(command: string): Promise<string> {
    return this.#vagrant(['ssh', '--command', `sudo sh -c ${quoted(command)}`, '--', '-T'])
  }

  /** The machine with its disk; and the room, when it is ours. */
  async destroy(): Promise<void> {
    await this.#vagrant(['destroy', '--force']).finally(() => this.#room.close())
  }

  #ready(output: string): string {
    const url = /Workbook ready: (\S+)/.exec(output)?.[1]
    if (url) return url
    throw new WorkbookError({
      code: 'no-address',
      expected: 'the machine to say the address of the page',
      found: output.trim().split('\n').slice(-3).join(' '),
      remedy: 'Try npm run vm -- destroy, and again.',
    })
  }

  #vagrant(args: readonly string[]): Promise<string> {
    const [program, ...rest] = [...this.#room.prefix, 'vagrant', ...args]
    const silent = args[0] === 'ssh' || args[0] === 'box'
    return new Promise((resolve, reject) => {
      const child = spawn(program!, rest, { cwd: ROOT, env: this.#env, stdio: ['ignore', 'pipe', 'pipe'] })
      let output = ''
      let words = ''
      child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
        output += chunk
        if (!silent) this.#tell(chunk)
      })
      child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
        words += chunk
        if (args[0] === 'ssh') this.#tell(chunk)
      })
      child.on('error', reject)
      // Not 'close': the ssh that forwards the port keeps our pipes.
      child.on('exit', (code) => {
        child.stdout.destroy()
        child.stderr.destroy()
        if (code === 0) resolve(output)
        else reject(failed(args, `${output}${words}`))
      })
    })
  }

  #tell(chunk: string): void {
    for (const line of chunk.split(/[\r\n]|\x1b\[K/)) {
      const words = line.replace(/^(?:==> )?\s*lab(?:-v1)?: /, '').trim()
      if (words && !PERCENT.test(words)) this.#options.progress(words)
    }
  }
}

/** Said some hundred times a second. */
const PERCENT = /^Progress: \d+%/

/** Vagrant's own sentence is the best there is; a mistake named by the Vagrantfile is one already. */
function failed(args: readonly string[], output: string): WorkbookError {
  const lines = output.trim().split('\n').filter(Boolean)
  return new WorkbookError({
    code: 'vagrant-failed',
    expected: `vagrant ${args.join(' ').slice(0, 60)} to succeed`,
    found: `that it did not:\n${lines.slice(-12).join('\n')}\n`,
    remedy: 'Mend what it says, then try again.',
  })
}

/** A device alone proves nothing: where the processor has neither VMX nor SVM, a guest stops in its firmware. */
function kvmWorks(): boolean {
  return existsSync('/dev/kvm') && /^flags\s*:.* (?:vmx|svm)\b/m.test(readFileSync('/proc/cpuinfo', 'utf8'))
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
