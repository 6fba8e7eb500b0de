/** Runs a host program to its end: output kept, time limited, failure told in one sentence. */
import { spawn } from 'node:child_process'
import { WorkbookError } from '../model/index.ts'

export interface Finished {
  /** Exit code; 128 + the signal's number is not used: a program ended by a signal has code -1. */
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface CommandOptions {
  /** Milliseconds after which the program is killed with everything it started; 30 s when absent. */
  readonly timeout?: number
  /** Written to the program's stdin, which is a pipe and never /dev/null: crun before 1.9 chowns what it finds there. */
  readonly input?: string
  readonly env?: NodeJS.ProcessEnv
  /** Bytes of stdout and of stderr that are kept; 1 MiB when absent. */
  readonly keep?: number
  readonly onOutput?: (chunk: string) => void
}

/** Never rejects for an exit code. @throws WorkbookError `missing-program` or `program-hangs`. */
export function run(argv: readonly string[], options: CommandOptions = {}): Promise<Finished> {
  const { timeout = 30_000, input = '', env, keep = 1 << 20, onOutput } = options
  const [program, ...args] = argv as [string, ...string[]]
  return new Promise((resolve, reject) => {
    // A process group of its own, so that a hanging program ends with its children.
    const child = spawn(program, args, { env, detached: true, stdio: ['pipe', 'pipe', 'pipe'] })
    let hangs = false
    const timer = setTimeout(() => {
      hangs = true
      endGroup(child.pid)
    }, timeout)
    const kept = { stdout: '', stderr: '' }
    for (const name of ['stdout', 'stderr'] as const)
      child[name].setEncoding('utf8').on('data', (chunk: string) => {
        if (kept[name].length < keep) kept[name] += chunk.slice(0, keep - kept[name].length)
        onOutput?.(chunk)
      })
    child.stdin.on('error', () => {}) // it ended without reading
    child.stdin.end(input)
    child.on('error', (cause: NodeJS.ErrnoException) => {
      clearTimeout(timer)
      if (cause.code !== 'ENOENT') return reject(cause)
      reject(
        new WorkbookError({
          code: 'missing-program',
          expected: `the program ${program}`,
          found: 'no such program in PATH',
          remedy: `Install the package that has ${program}.`,
          cause,
        }),
      )
    })
    child.on('close', (code) => {
      clearTimeout(timer)
      if (!hangs) return resolve({ code: code ?? -1, ...kept })
      reject(
        new WorkbookError({
          code: 'program-hangs',
          expected: `${program} ${args[0] ?? ''} to end within ${timeout / 1000} s`.replace(' to', ' to'),
          found: 'it was still running and was stopped',
          remedy: 'Try again; if it happens again, look at the load and the disk of this machine.',
        }),
      )
    })
  })
}

/** Like `run`, for programs that must succeed. @throws WorkbookError with the program's last words. */
export async function mustRun(argv: readonly string[], options: CommandOptions = {}): Promise<Finished> {
  const finished = await run(argv, options)
  if (finished.code === 0) return finished
  throw failure(argv[0]!, finished)
}

export function failure(what: string, { code, stdout, stderr }: Finished): WorkbookError {
  const words = lastWords(stderr) || lastWords(stdout) || `exit code ${code}`
  if (/no space left on device/i.test(stderr)) return diskFull(words)
  return new WorkbookError({
    code: 'program-failed',
    expected: `${what} to succeed`,
    found: words,
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

export function endGroup(pid: number | undefined): void {
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
