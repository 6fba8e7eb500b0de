import { expect, test } from 'vitest'
import { remains, withHost } from './testing.ts'

test('a real Docker Engine runs inside, started by the first docker command', () =>
  withHost(async (host, place) => {
    const before = await remains(place)
    const sandbox = await host.create()
    const docker = async (words: string) => {
      const { code, stdout, stderr } = await sandbox.exec(['bash', '-c', `docker ${words}`], {
        timeout: 60_000,
      })
      expect(code, stderr).toBe(0)
      return stdout.trim()
    }
    await docker('run --name demo --cpu-shares 256 -d --rm busybox sleep 600')
    if (sandbox.version === 'v1')
      expect(await docker('exec demo cat /sys/fs/cgroup/cpu/cpu.shares')).toBe('256')
    else expect(['10', '35']).toContain(await docker('exec demo cat /sys/fs/cgroup/cpu.weight'))
    await docker('run --name redis -d redis')
    expect(await docker('exec redis redis-cli ping')).toBe('PONG')
    expect(await docker('info --format {{.Driver}}')).toBe('overlay2')
    // Redis is in the image only, as the article has it.
    expect((await sandbox.exec(['which', 'redis-server'])).code).toBe(1)
    await sandbox.destroy()
    expect(await remains(place)).toEqual(before)
  }))

test('the engine is not in the group of the shell that needed it first', ({ skip }) =>
  withHost(async (host) => {
    const sandbox = await host.create()
    skip(sandbox.version === 'v2', 'v1 file names; v2 is proven in the VM')
    const script = `mkdir /sys/fs/cgroup/pids/small; echo $$ >/sys/fs/cgroup/pids/small/cgroup.procs
      docker ps -q; grep pids /proc/$(pidof dockerd)/cgroup`
    const { stdout } = await sandbox.exec(['bash', '-c', script], { timeout: 60_000 })
    expect(stdout).toMatch(/pids:\/\n$/)
    const words: string[] = []
    await sandbox.startDocker((line) => words.push(line))
    expect(words).toEqual([])
    await sandbox.stopProcesses()
    await sandbox.startDocker((line) => words.push(line))
    expect(words.at(-1)).toBe('The Docker Engine is ready.')
  }))
