/**
 * Counts what sandboxes are made of on this machine: mounts, cgroups, loop devices, links, processes.
 * Taken before and after the tests; whatever is new afterwards was left behind.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'

export function takeInventory(): Set<string> {
  return new Set([...mounts(), ...cgroups(), ...loopDevices(), ...links(), ...namespaces()])
}

function mounts(): string[] {
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .trim()
    .split('\n')
    .map((line) => `mount ${line.split(' ')[4]}`)
}

function cgroups(): string[] {
  const walk = (directory: string): string[] =>
    readdirSync(directory, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .flatMap((entry) => {
        const path = join(directory, entry.name)
        return [`cgroup ${path}`, ...walk(path)]
      })
  return walk('/sys/fs/cgroup')
}

function loopDevices(): string[] {
  return readdirSync('/sys/block')
    .filter((name) => existsSync(`/sys/block/${name}/loop/backing_file`))
    .map(
      (name) =>
        `loop device ${name} of ${readFileSync(`/sys/block/${name}/loop/backing_file`, 'utf8').trim()}`,
    )
}

function links(): string[] {
  const list: { ifname: string }[] = JSON.parse(execFileSync('ip', ['-j', 'link'], { encoding: 'utf8' }))
  return list.map(({ ifname }) => `link ${ifname}`)
}

/** Processes in a pid namespace that is not ours: what runs in a sandbox. */
function namespaces(): string[] {
  const own = readlinkSync('/proc/self/ns/pid')
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        if (readlinkSync(`/proc/${pid}/ns/pid`) === own) return []
        const name = readFileSync(`/proc/${pid}/comm`, 'utf8').trim()
        const group = readFileSync(`/proc/${pid}/cgroup`, 'utf8').match(/:(\/.+)$/m)?.[1] ?? '/'
        // A zombie has ended; it is for the machine's init to reap it, in its own time.
        const hasEnded = /\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
        return hasEnded ? [] : [`process ${pid} (${name}) of ${group}`]
      } catch {
        return [] // it ended meanwhile
      }
    })
}
