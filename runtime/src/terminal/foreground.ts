/**
 * What a terminal is doing, seen from outside of the sandbox: the foreground process of its tty, and whether that is a
 * shell which waits for a line. A mark in the output would be simpler, but `sh` prints none and learners can print them all.
 */
import { readlink } from 'node:fs/promises'
import { basename } from 'node:path'
import { readProc, readStat } from '../kernel/index.ts'

export interface Foreground {
  readonly pid: number
  /** A shell, asleep in a system call that waits for input. */
  readonly isReady: boolean
  /** voluntary_ctxt_switches of proc_pid_status(5): has moved when the process did anything since the last look. */
  readonly switches: number
}

const SHELLS = new Set(['bash', 'dash', 'sh', 'busybox', 'zsh', 'fish'])

/** Numbers of read, and of select, pselect6, poll and ppoll: linux/arch/x86/entry/syscalls/syscall_64.tbl, asm-generic/unistd.h. */
const CALLS: Readonly<Partial<Record<NodeJS.Architecture, { read: string; select: ReadonlySet<string> }>>> = {
  x64: { read: '0', select: new Set(['23', '270', '7', '271']) },
  arm64: { read: '63', select: new Set(['72', '73']) },
}

/**
 * @param shell Host pid of the terminal's own shell; what it has started may have taken the foreground.
 * @returns null when the shell ended or nothing is in the foreground just now.
 */
export async function foreground(shell: number): Promise<Foreground | null> {
  const pid = (await readStat(shell))?.terminalProcessGroup ?? -1
  if (pid <= 0) return null
  const [stat, status, waits, program] = await Promise.all([
    readStat(pid),
    readProc(pid, 'status'),
    waitsForInput(pid),
    link(pid, 'exe'),
  ])
  if (!stat || status === null) return null
  return {
    pid,
    isReady: stat.state === 'S' && waits && SHELLS.has(basename(program.replace(/ \(deleted\)$/, ''))),
    switches: Number(status.match(/^voluntary_ctxt_switches:\s*(\d+)$/m)?.[1] ?? 0),
  }
}

/** proc_pid_syscall(5): number and arguments in hexadecimal. A shell that reads the pipe of a `$(…)` waits for a program, not for a person. */
async function waitsForInput(pid: number): Promise<boolean> {
  const [number = '', descriptor = ''] = ((await readProc(pid, 'syscall')) ?? '').split(' ')
  const calls = CALLS[process.arch]
  if (calls?.select.has(number)) return true
  return number === calls?.read && /^\/dev\/(?:pts\/|tty)/.test(await link(pid, `fd/${Number(descriptor)}`))
}

function link(pid: number, name: string): Promise<string> {
  return readlink(`/proc/${pid}/${name}`).catch(() => '')
}
