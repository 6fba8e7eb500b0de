/** Runs a host program to its end: output kept, time limited, failure told in one sentence. */
import { spawn } from 'node:child_process'
import { WorkbookError } from '../model/index.ts'

export interface Finished {
  /** Exit code; null when a signal or the time-out ended the program. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface CommandOptions {
  /** Milliseconds after which the program is killed with everything it started; 30 s when absent. */
  readonly timeout?: number
  /** Written to the program's stdin, which is a pipe and never /dev/null: crun before 1.9 chowns what it finds there. */
  readonly input?: string
  readonly env?: NodeJS.ProcessEnv
  /** Bytes of stdout and of stderr that are kept; 1 MiB when absent. What is over is read and dropped. */
  readonly maxBytes?: number
  readonly onOutput?: (chunk: string) => void
  /** For long runs: Ctrl-C reaches the program, and it is told to end when we are killed, by prctl(2) PR_SET_PDEATHSIG. */
  readonly endsWithUs?: boolean
}

export const DEFAULT_TIMEOUT = 30_000

/** Never rejects for an exit code or the time-out. @throws WorkbookError `missing-program`. */
export function run(argv: readonly string[], options: CommandOptions = {}): Promise<Finished> {
  const {
    timeout = DEFAULT_TIMEOUT,
    input = '',
    env,
    maxBytes = 1 << 20,
    onOutput,
    endsWithUs = false,
  } = options
  const tied = endsWithUs ? ['setpriv', '--pdeathsig', 'TERM', '--'] : []
  const [program, ...args] = [...tied, ...argv] as [string, ...string[]]
  return new Promise((resolve, reject) => {
    // A process group of its own, so that a hanging program ends with its children.
    const child = spawn(program, args, { env, detached: !endsWithUs, stdio: ['pipe', 'pipe', 'pipe'] })
    const kept = { stdout: [] as Buffer[], stderr: [] as Buffer[] }
    for (const name of ['stdout', 'stderr'] as const) {
      let room = maxBytes
      child[name].on('data', (chunk: Buffer) => {
        if (room > 0) kept[name].push(chunk.subarray(0, room))
        room -= chunk.length
        onOutput?.(chunk.toString())
      })
    }
    const timer = setTimeout(() => {
      if (endsWithUs) child.kill('SIGTERM')
      else endGroup(child.pid)
      // A grandchild in a session of its own may hold the pipes; we do not wait for it.
      child.stdout.destroy()
      child.stderr.destroy()
    }, timeout)
    child.stdin.on('error', () => {}) // it ended without reading
    child.stdin.end(input)
    child.on('error', (cause: NodeJS.ErrnoException) => {
      clearTimeout(timer)
      reject(cause.code === 'ENOENT' ? missing(program, cause) : cause)
    })
    child.on('close', (code) => {
      clearTimeout(timer)
      const text = (name: 'stdout' | 'stderr') => Buffer.concat(kept[name]).toString()
      resolve({ code, stdout: text('stdout'), stderr: text('stderr') })
    })
  })
}

/** Like `run`, for programs that must succeed. @throws WorkbookError with the program's last words. */
export async function mustRun(argv: readonly string[], options: CommandOptions = {}): Promise<Finished> {
  const finished = await run(argv, options)
  if (finished.code === 0) return finished
  throw failure(argv[0]!, finished, options.timeout)
}

/** The error for a program that did not succeed. */
export function failure(
  what: string,
  { code, stdout, stderr }: Finished,
  timeout = DEFAULT_TIMEOUT,
): WorkbookError {
  const words = lastWords(stderr) || lastWords(stdout)
  if (/no space left on device/i.test(stderr)) return diskFull(words)
  if (code === null)
    return new WorkbookError({
      code: 'program-hangs',
      expected: `${what} to end within ${timeout / 1000} s`,
      found: `it was still running and was stopped${words && ` (${words})`}`,
      remedy: 'Try again; if it happens again, look at the load and the disk of this machine.',
    })
  return new WorkbookError({
    code: 'program-failed',
    expected: `${what} to succeed`,
    found: words || `exit code ${code}`,
    remedy: 'Nothing was left half-made; correct the cause and try again.',
  })
}

export function diskFull(found: string): WorkbookError {
  return new WorkbookError({
    code: 'disk-full',
    expected: 'room on the disk of this machine',
    found,
    remedy: 'Free some space, or choose another place with --data and --cache.',
  })
}

function missing(program: string, cause: Error): WorkbookError {
  return new WorkbookError({
    code: 'missing-program',
    expected: `the program ${program}`,
    found: 'no such program in PATH',
    remedy: `Install the package that has ${program}.`,
    cause,
  })
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // it ended meanwhile
  }
}

function lastWords(text: string): string {
  return text.trim().split('\n').slice(-2).join(' ').slice(-400)
}
