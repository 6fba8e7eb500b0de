/** What the host remembers of a sandbox on disk, to find it again after a restart. Its presence says: made whole. */
import { open, readFile, rename } from 'node:fs/promises'
import { readStat } from '../kernel/index.ts'
import type { Limits } from './limits.ts'

export interface SandboxRecord {
  readonly id: string
  readonly name: string
  readonly initPid: number
  /** Start time of init in clock ticks since boot: with the pid and the boot it is the process's identity. */
  readonly startTime: number
  readonly boot: string
  /** Id of the image that is its lower layer. */
  readonly image: string
  readonly cgroup: string
  readonly limits: Limits
  /** Milliseconds since the epoch. */
  readonly createdAt: number
}

/** Null when there is none, or none that can be read: the sandbox was not made whole then. */
export async function readRecord(file: string): Promise<SandboxRecord | null> {
  try {
    return JSON.parse(await readFile(file, 'utf8'))
  } catch {
    return null
  }
}

/** Renamed into place, so that a reader sees all of it or nothing. Nobody waits until it is on the disk, where a reboot finds it. */
export async function writeRecord(file: string, record: SandboxRecord): Promise<void> {
  const handle = await open(`${file}.new`, 'w', 0o600)
  await handle.writeFile(JSON.stringify(record))
  await rename(`${file}.new`, file)
  handle
    .datasync()
    .catch(() => {})
    .finally(() => handle.close())
}

/** Whether the very process that the record names still runs. */
export async function stillRuns({ initPid, startTime, boot }: SandboxRecord): Promise<boolean> {
  const stat = await readStat(initPid)
  return (
    stat?.startTime === startTime && stat.state !== 'Z' && stat.state !== 'X' && boot === (await bootId())
  )
}

export async function bootId(): Promise<string> {
  return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim()
}
