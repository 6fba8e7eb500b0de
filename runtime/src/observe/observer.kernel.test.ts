/** A sandbox seen from outside, and an owner who would like to be shown something else. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Sandbox, SandboxHost } from '../sandbox/index.ts'
import { SandboxHost as Host } from '../sandbox/index.ts'
import { Observer } from './observer.ts'

let data: string
let host: SandboxHost
let sandbox: Sandbox
/** A file of the host that nobody inside may see. */
let secret: string
beforeAll(async () => {
  data = mkdtempSync('/var/tmp/docker-internals-test-')
  host = await Host.open({ data, cgroupParent: `/docker-internals-test-${process.pid}` })
  sandbox = await host.create()
  secret = join(data, 'secret')
  writeFileSync(secret, 'a secret of the host\n')
})
afterAll(async () => {
  await host.destroyAll()
  await host.close()
  rmSync(data, { recursive: true })
})

const sh = async (script: string) => {
  const { code, stderr } = await sandbox.exec(['bash', '-c', script])
  if (code !== 0) throw new Error(stderr)
}
const observe = () => new Observer(sandbox).observe()

describe('an observation', () => {
  it('sees groups, their files and who is in them, by the paths that the sandbox sees', async () => {
    const root = sandbox.version === 'v1' ? '/sys/fs/cgroup/pids' : '/sys/fs/cgroup'
    await sh(`mkdir -p ${root}/web/inner; echo 5 > ${root}/web/pids.max; setsid sleep 300 </dev/null >/dev/null 2>&1 &
      echo $! > ${root}/web/cgroup.procs`)
    const seen = await observe()
    expect(await seen.cgroups('pids')).toEqual(expect.arrayContaining(['/', '/web', '/web/inner']))
    expect(await seen.cgroupFile('pids', '/web', 'pids.max')).toBe('5')
    expect(await seen.cgroupFile('pids', '/none', 'pids.max')).toBeNull()
    const sleeper = (await seen.processes()).find(({ name }) => name === 'sleep')!
    expect(sleeper.cgroups[sandbox.version === 'v1' ? 'pids' : 'unified']).toBe('/web')
    expect(sleeper.insidePid).toBeGreaterThan(1)
    expect(sleeper.pid).not.toBe(sleeper.insidePid)
    const init = (await seen.processes()).find(({ pid }) => pid === sandbox.initPid)!
    expect(init.insidePid).toBe(1)
    expect(sleeper.namespaces.pid).toBe(init.namespaces.pid)
  })

  it('never leaves the sandbox by a name', async () => {
    const seen = await observe()
    expect(await seen.cgroupFile('pids', '/../..', 'cgroup.procs')).toBe(
      await seen.cgroupFile('pids', '/', 'cgroup.procs'),
    )
    expect(await seen.cgroupFile('pids', '/', '../../cgroup.procs')).toBeNull()
  })

  it('takes a terminal at its word only for processes of the sandbox', async () => {
    const seen = await new Observer(sandbox).observe({
      shells: new Map([
        ['a', 1],
        ['b', 999_999],
      ]),
    })
    expect([...seen.shells]).toEqual([['a', sandbox.initPid]])
  })
})

describe('a path that its owner chose', () => {
  const inside = async (path: string) => {
    const started = performance.now()
    const file = await (await observe()).inside(path)
    expect(performance.now() - started).toBeLessThan(3_000)
    return file
  }

  it('is read', async () => {
    await sh('echo words > /root/file; mkdir -p /root/directory; touch /root/directory/{b,a}')
    expect(await inside('/root/file')).toEqual({ kind: 'file', text: 'words\n', truncated: false })
    expect(await inside('/root/directory')).toEqual({ kind: 'directory', entries: ['a', 'b'] })
    expect(await inside('/root/none')).toEqual({ kind: 'absent' })
  })

  it('does not lead to the host by a link', async () => {
    await sh(
      `ln -sf ${secret} /root/link; ln -sf /proc/1/root${secret} /root/way-out; ln -sf /proc/self/cwd/../../..${secret} /root/up`,
    )
    for (const path of ['/root/link', '/root/way-out', '/root/up', `/../../..${secret}`])
      expect(await inside(path)).toEqual({ kind: 'absent' })
  })

  it('does not block: a FIFO, a device, a socket', async () => {
    await sh('mkfifo /root/fifo; ln -sf /dev/zero /root/zero')
    expect(await inside('/root/fifo')).toEqual({ kind: 'refused', reason: 'it is a fifo, not a file' })
    expect(await inside('/root/zero')).toEqual({
      kind: 'refused',
      reason: 'it is a character special file, not a file',
    })
  })

  it('is not read to its end when that is far', async () => {
    await sh('head -c 10000000 /dev/zero | tr "\\\\0" x > /root/huge')
    const file = await inside('/root/huge')
    expect(file).toMatchObject({ kind: 'file', truncated: true })
    if (file.kind === 'file') expect(file.text.length).toBe(64 * 1024)
  })

  it('does not block on a file system that never answers', async () => {
    // A FUSE server that takes the handshake and then falls silent: STOPped after the mount.
    await sh(
      'mkdir -p /root/lower /root/silent; echo x > /root/lower/file; unionfs /root/lower /root/silent; cat /root/silent/file; pkill -STOP unionfs',
    )
    expect(await inside('/root/silent/file')).toEqual({
      kind: 'refused',
      reason: 'reading it took longer than 500 ms',
    })
    await sh('pkill -KILL unionfs; umount -l /root/silent')
  })

  it('deceives only its owner when the programs that read it are replaced', async () => {
    await sh(
      'mv /usr/bin/head /usr/bin/head.real; printf "#!/bin/sh\\nsleep 60\\n" > /usr/bin/head; chmod +x /usr/bin/head',
    )
    expect(await inside('/root/file')).toMatchObject({ kind: 'refused' })
    await sh('mv /usr/bin/head.real /usr/bin/head')
  })
})
