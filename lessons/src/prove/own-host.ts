/** A host for the sandboxes of one proof: a directory and a group of its own, cleared away at the end whatever happened. */
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { SandboxHost } from '@docker-internals/runtime'

const DIRECTORY = '/var/tmp'
const NAME = 'docker-internals-prove'

const cgroupParent = (pid: number | string) => `/${NAME}-${pid}`

/** @throws WorkbookError when sandboxes cannot be made here. */
export async function withOwnHost<T>(
  onProgress: (words: string) => void,
  use: (host: SandboxHost) => Promise<T>,
): Promise<T> {
  await clearAfterKilled()
  const data = await mkdtemp(join(DIRECTORY, `${NAME}-${process.pid}-`))
  try {
    return await withHost(data, process.pid, use, onProgress)
  } finally {
    await rm(data, { recursive: true, force: true })
  }
}

/** A prover that was killed with -9 could not clear away after itself. */
async function clearAfterKilled(): Promise<void> {
  for (const name of await readdir(DIRECTORY)) {
    const pid = new RegExp(`^${NAME}-(\\d+)-`).exec(name)?.[1]
    if (pid === undefined || isRunning(Number(pid))) continue
    const data = join(DIRECTORY, name)
    await withHost(data, pid, async () => {})
    await rm(data, { recursive: true, force: true })
  }
}

async function withHost<T>(
  data: string,
  pid: number | string,
  use: (host: SandboxHost) => Promise<T>,
  onProgress: (words: string) => void = () => {},
): Promise<T> {
  const host = await SandboxHost.open({ data, cgroupParent: cgroupParent(pid), onProgress })
  try {
    return await use(host)
  } finally {
    await host.destroyAll()
    await host.close()
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
