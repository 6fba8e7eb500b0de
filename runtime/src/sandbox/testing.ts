/** For tests: a host of their own below /var/tmp, and a count of what sandboxes are made of. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { detectCgroups } from '../kernel/index.ts'
import { SandboxHost, type SandboxHostOptions } from './sandbox-host.ts'

export interface TestPlace {
  readonly data: string
  readonly cgroupParent: string
}

export function testPlace(): TestPlace {
  const data = mkdtempSync('/var/tmp/docker-internals-test-')
  return { data, cgroupParent: `/docker-internals-test-${process.pid}-${data.slice(-6)}` }
}

/** Opens a host, gives it to `use`, and ends all of it whatever happened. */
export async function withHost<T>(
  use: (host: SandboxHost, place: TestPlace) => Promise<T>,
  options: Partial<SandboxHostOptions> = {},
): Promise<T> {
  const place = testPlace()
  const host = await SandboxHost.open({ ...place, ...options })
  try {
    return await use(host, place)
  } finally {
    await host.destroyAll()
    await host.close()
    rmSync(place.data, { recursive: true })
  }
}

/** Processes, mounts, groups and loop devices that belong to a place, and all links of the host, in words. */
export async function remains({ data, cgroupParent }: TestPlace): Promise<string[]> {
  const { hierarchies } = await detectCgroups()
  const groups = hierarchies.flatMap(({ mount }) =>
    readdirSync(mount, { recursive: true, encoding: 'utf8' })
      .filter((path) => `/${path}`.startsWith(`${cgroupParent}/`) && isGroup(`${mount}/${path}`))
      .map((path) => `group ${mount}/${path}`),
  )
  const mounts = read('/proc/self/mountinfo')
    .split('\n')
    .flatMap((line) => (line.split(' ')[4]?.startsWith(data) ? [`mount ${line.split(' ')[4]}`] : []))
  const loops = readdirSync('/sys/block').flatMap((name) =>
    read(`/sys/block/${name}/loop/backing_file`).startsWith(data) ? [`loop device ${name}`] : [],
  )
  const processes = readdirSync('/proc').flatMap((pid) =>
    // A zombie has ended; it is init of the host that takes its time to reap it.
    read(`/proc/${pid}/cgroup`).includes(`${cgroupParent}/`) && !/\) [ZX] /.test(read(`/proc/${pid}/stat`))
      ? [`process ${pid}`]
      : [],
  )
  const links: { ifname: string }[] = JSON.parse(execFileSync('ip', ['-j', 'link'], { encoding: 'utf8' }))
  const files = readdirSync(`${data}/sandboxes`).map((name) => `directory ${name}`)
  return [
    ...groups,
    ...mounts,
    ...loops,
    ...processes,
    ...files,
    ...links.map(({ ifname }) => `link ${ifname}`),
  ]
}

function isGroup(path: string): boolean {
  return read(`${path}/notify_on_release`) !== '' || read(`${path}/cgroup.type`) !== ''
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
