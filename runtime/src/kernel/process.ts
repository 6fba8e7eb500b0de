/** Processes as /proc shows them: proc_pid_stat(5), proc_pid_status(5), proc_pid_cgroup(5). */
import { readdir, readFile } from 'node:fs/promises'

export interface ProcessStat {
  readonly pid: number
  /** At most 15 bytes, set by the process itself: may hold anything, parentheses and escape sequences included. */
  readonly name: string
  /** R, S, D, T, t, Z, X, I. */
  readonly state: string
  readonly parent: number
  readonly processGroup: number
  /** Foreground process group of the controlling terminal; -1 without one. */
  readonly terminalProcessGroup: number
  /** Clock ticks since boot. With the pid it names the process for good. */
  readonly startTime: number
}

/** Null when the text is not a stat line. The name stands in parentheses and may hold some itself: the last one closes it. */
export function parseStat(text: string): ProcessStat | null {
  const open = text.indexOf('(')
  const close = text.lastIndexOf(')')
  if (open < 0 || close < open) return null
  const fields = text.slice(close + 2).split(' ')
  if (fields.length < 20) return null
  return {
    pid: Number(text.slice(0, open)),
    name: text.slice(open + 1, close),
    state: fields[0]!,
    parent: Number(fields[1]),
    processGroup: Number(fields[2]),
    terminalProcessGroup: Number(fields[5]),
    startTime: Number(fields[19]),
  }
}

/** The pids of one process from our pid namespace inwards; empty when the line is missing. */
export function parseNestedPids(status: string): number[] {
  return (
    status
      .match(/^NSpid:\s*(.*)$/m)?.[1]
      ?.split(/\s+/)
      .map(Number) ?? []
  )
}

/**
 * Cgroup path by controller from /proc/<pid>/cgroup; a named v1 hierarchy by "name=…", v2 by "unified".
 * Paths are relative to the reader's cgroup namespace root.
 */
export function parseCgroupFile(text: string): Record<string, string> {
  const paths: Record<string, string> = {}
  for (const line of text.split('\n')) {
    const [, id, controllers, path] = /^(\d+):([^:]*):(.*)$/.exec(line) ?? []
    if (path === undefined) continue
    for (const controller of id === '0' && controllers === '' ? ['unified'] : controllers!.split(','))
      paths[controller] = path
  }
  return paths
}

/** Null when the process ended. */
export async function readStat(pid: number): Promise<ProcessStat | null> {
  return parseStat((await readProc(pid, 'stat')) ?? '')
}

/** A file of /proc/<pid>; null when the process ended (ENOENT, ESRCH) or may not be read. */
export async function readProc(pid: number, file: string): Promise<string | null> {
  try {
    return await readFile(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return null
  }
}

/** Every pid of our pid namespace. */
export async function listPids(): Promise<number[]> {
  return (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
}
