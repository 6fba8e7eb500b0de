import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import type { Sandbox } from './sandbox.ts'
import { remains, withHost } from './testing.ts'

const MiB = 1024 ** 2

async function bash(sandbox: Sandbox, script: string): Promise<string> {
  const { code, stdout, stderr } = await sandbox.exec(['bash', '-c', script])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return stdout.trim()
}

describe('a sandbox', () => {
  test('comes and goes without residue', () =>
    withHost(async (host, place) => {
      const before = await remains(place)
      const sandboxes = await Promise.all([host.create(), host.create({ name: 'second' }), host.create()])
      expect(sandboxes.map(({ name }) => name)).toEqual(['', 'second', ''])
      expect((await remains(place)).length).toBeGreaterThan(before.length)
      await bash(
        sandboxes[0],
        'mkdir -p /sys/fs/cgroup/pids/a/b; sleep 1000 >/dev/null 2>&1 & unshare -m true',
      )
      await host.destroyAll()
      expect(await remains(place)).toEqual(before)
      expect(host.all()).toEqual([])
    }))

  test('is a machine of its own: root, seven namespaces, a host name, pages of the manual', () =>
    withHost(async (host) => {
      const sandbox = await host.create()
      expect(await bash(sandbox, 'id -u; hostname; echo ~; cat /proc/1/comm')).toBe('0\nlab\n/root\ninit')
      for (const kind of ['pid', 'net', 'ipc', 'uts', 'mnt', 'user', 'cgroup'])
        expect(await bash(sandbox, `readlink /proc/self/ns/${kind}`)).not.toBe(await ownNamespace(kind))
      expect(await bash(sandbox, 'man 7 cgroups | head -n 1')).toContain('cgroups(7)')
      expect(await bash(sandbox, 'sudo id -u')).toBe('0')
      expect(await bash(sandbox, 'ls -A /root/; ls -d /run/netns 2>&1 | tail -n 1')).toContain('No such file')
    }))

  test('reaps orphans, and its init cannot be killed from inside', () =>
    withHost(async (host) => {
      const sandbox = await host.create()
      await bash(
        sandbox,
        '(sleep 0.05 & exec true); for s in TERM INT HUP KILL USR1; do kill -$s 1; done; sleep 0.2',
      )
      expect(await bash(sandbox, 'ps -eo stat= | grep -c Z || true')).toBe('0')
      expect(await sandbox.alive()).toBe(true)
    }))

  test('has the configuration that lessons rest on', () =>
    withHost(async (host) => {
      const sandbox = await host.create()
      const capabilities = await bash(sandbox, 'grep -h Cap /proc/1/status /proc/self/status')
      const last = Number(await readFile('/proc/sys/kernel/cap_last_cap', 'utf8'))
      const full = ((1n << BigInt(last + 1)) - 1n).toString(16).padStart(16, '0')
      for (const set of ['Prm', 'Eff', 'Bnd'])
        expect(capabilities.split(`Cap${set}:\t${full}`)).toHaveLength(3)
      expect(capabilities.split('CapInh:\t0000000000000000')).toHaveLength(3)
      expect(await bash(sandbox, 'exec 3<>/dev/fuse; stat -c "%a %t:%T" /dev/fuse')).toBe('666 a:e5')
      expect(await bash(sandbox, 'ip netns add x; ip netns exec x ip -br link; ip netns del x')).toContain(
        'lo',
      )
      expect(await bash(sandbox, 'unshare -U --map-auto --map-root-user cat /proc/self/uid_map')).toContain(
        '65536',
      )
      expect(await bash(sandbox, 'unshare -pf --mount-proc ps -e --no-headers | wc -l')).toBe('1')
      const overlay =
        'cd; mkdir l u w m; echo low > l/f; mount -t overlay o -o lowerdir=l,upperdir=u,workdir=w,userxattr m'
      expect(await bash(sandbox, `${overlay}; rm m/f; stat -c %F u/f; umount m`)).toBe(
        'character special file',
      )
      expect(
        await bash(sandbox, 'capsh --drop=cap_sys_chroot -- -c "chroot / true" 2>&1 || echo refused'),
      ).toContain('refused')
    }))
})

describe('the limits of a sandbox', () => {
  test('are on every sandbox and cannot be raised from inside', ({ skip }) =>
    withHost(async (host) => {
      const sandbox = await host.create({
        limits: { pids: 100, memory: 200 * MiB, cpus: 0.5, disk: 64 * MiB },
      })
      skip(sandbox.version === 'v2', 'v1 file names; v2 is proven in the VM')
      const raise = async (file: string, value: string) => {
        const { stderr } = await sandbox.exec(['bash', '-c', `echo ${value} >/sys/fs/cgroup/${file}`])
        return stderr.split(': ').at(-1)?.trim()
      }
      expect(await raise('pids/pids.max', 'max')).toBe('Permission denied')
      expect(await raise('memory/memory.limit_in_bytes', '-1')).toBe('Permission denied')
      expect(await raise('cpu/cpu.cfs_quota_us', '-1')).toBe('Permission denied')
      expect(await raise('devices/devices.allow', 'a')).toBe('Permission denied')
      expect(await raise('cpuset/cgroup.procs', '1')).toBe('')
      expect(
        await bash(
          sandbox,
          'cat /sys/fs/cgroup/{pids/pids.max,memory/memory.limit_in_bytes,cpu/cpu.cfs_quota_us}',
        ),
      ).toBe(`100\n${200 * MiB}\n50000`)
      const filled = await sandbox.exec(['dd', 'if=/dev/zero', 'of=/root/big', 'bs=1M', 'count=100'])
      expect(filled.stderr).toContain('No space left on device')
      expect((await sandbox.exec(['tail', '/dev/zero'])).code).not.toBe(0)
      expect((await sandbox.exec(['losetup', '--find', '/root/big'])).code).not.toBe(0)
    }))

  test('let the learner make groups, limit them and move a shell, and nothing above', ({ skip }) =>
    withHost(async (host) => {
      const sandbox = await host.create()
      skip(sandbox.version === 'v2', 'v1 file names; v2 is proven in the VM')
      const script = `mkdir /sys/fs/cgroup/pids/lfnw
        echo $$ >/sys/fs/cgroup/pids/lfnw/cgroup.procs; echo 2 >/sys/fs/cgroup/pids/lfnw/pids.max
        grep pids /proc/self/cgroup; cat /sys/fs/cgroup/pids/lfnw/pids.max`
      expect(await bash(sandbox, script)).toBe(
        '8:pids:/lfnw\n2'.replace('8', (await hierarchyNumber()) ?? '8'),
      )
      const denied = await sandbox.exec([
        'sh',
        '-c',
        'echo $$ >/sys/fs/cgroup/devices/nodev/cgroup.procs; head -c1 /dev/urandom',
      ])
      expect(denied.stderr).toContain('Operation not permitted')
    }))

  test('stop a fork bomb, leave a neighbour its speed, and let the bomb be removed', () =>
    withHost(async (host, place) => {
      const [bombed, neighbour] = await Promise.all([host.create({ limits: { pids: 300 } }), host.create()])
      const before = (await remains(place)).filter((words) => words.startsWith('link'))
      await bombed.exec(['bash', '-c', 'bomb() { bomb | bomb & }; bomb >/dev/null 2>&1 & sleep 1'], {
        timeout: 3000,
      })
      const started = performance.now()
      expect(await bash(neighbour, 'echo here')).toBe('here')
      expect(performance.now() - started).toBeLessThan(1500)
      await bombed.stopProcesses()
      expect(await bash(bombed, 'ps -e --no-headers | grep -c bash')).toBe('1')
      await bombed.exec(['bash', '-c', 'bomb() { bomb | bomb & }; bomb >/dev/null 2>&1 & sleep 1'], {
        timeout: 3000,
      })
      await host.destroyAll()
      expect(await remains(place)).toEqual(before)
    }))
})

describe('the brakes of a sandbox', () => {
  test('freeze and thaw', () =>
    withHost(async (host) => {
      const sandbox = await host.create()
      await bash(
        sandbox,
        'setsid sh -c "while :; do echo >>/root/beat; sleep 0.02; done" >/dev/null 2>&1 </dev/null &',
      )
      await sandbox.freeze()
      await expect(sandbox.exec(['true'])).rejects.toMatchObject({ code: 'sandbox-frozen' })
      expect(await sandbox.alive()).toBe(true)
      await sandbox.thaw()
      expect(Number(await bash(sandbox, 'wc -l </root/beat'))).toBeGreaterThan(0)
      await sandbox.freeze()
      await sandbox.destroy()
      expect(await sandbox.alive()).toBe(false)
      await expect(sandbox.exec(['true'])).rejects.toMatchObject({ code: 'sandbox-ended' })
    }))

  test('stop all processes, frozen groups and nested namespaces too', ({ skip }) =>
    withHost(async (host) => {
      const sandbox = await host.create()
      skip(sandbox.version === 'v2', 'v1 file names; v2 is proven in the VM')
      const script = `mkdir /sys/fs/cgroup/freezer/ice; for i in 1 2 3; do setsid sleep 1000 & done
        echo $! >/sys/fs/cgroup/freezer/ice/cgroup.procs; echo FROZEN >/sys/fs/cgroup/freezer/ice/freezer.state
        unshare -pf --mount-proc sleep 1000 &`
      await sandbox.exec(['bash', '-c', `(${script}) >/dev/null 2>&1 </dev/null`])
      await sandbox.stopProcesses()
      expect(await bash(sandbox, 'pgrep -c sleep || true')).toBe('0')
      expect(await sandbox.alive()).toBe(true)
    }))

  test('end a program at its time-out', () =>
    withHost(async (host) => {
      const sandbox = await host.create()
      const { code, stdout } = await sandbox.exec(['sh', '-c', 'echo begun; sleep 1000'], { timeout: 300 })
      expect({ code, stdout }).toEqual({ code: null, stdout: 'begun\n' })
      expect(await bash(sandbox, 'pgrep -c sleep || true')).toBe('0')
      expect(
        (await sandbox.exec(['head', '-c', '100000', '/dev/zero'], { maxBytes: 1000 })).stdout.length,
      ).toBe(1000)
      expect((await sandbox.exec(['cat'], { input: 'words' })).stdout).toBe('words')
    }))
})

async function ownNamespace(kind: string): Promise<string> {
  return (await import('node:fs')).readlinkSync(`/proc/self/ns/${kind}`)
}

async function hierarchyNumber(): Promise<string | undefined> {
  return /^(\d+):pids:/m.exec(await readFile('/proc/self/cgroup', 'utf8'))?.[1]
}
