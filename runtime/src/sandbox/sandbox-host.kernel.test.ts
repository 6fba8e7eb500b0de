import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { mustRun } from './command.ts'
import { SandboxHost } from './sandbox-host.ts'
import { remains, type TestPlace, testPlace, withHost } from './testing.ts'

const MODULE = join(import.meta.dirname, 'sandbox-host.ts')

/** Runs a script with a host of its own in another process, gives its first line, then kills it with SIGKILL. */
async function inKilledProcess(place: TestPlace, script: string): Promise<string> {
  const code = `import { SandboxHost } from ${JSON.stringify(MODULE)}
    const host = await SandboxHost.open(${JSON.stringify(place)})
    ${script}
    setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = await once(child.stdout, 'data')
  child.kill('SIGKILL')
  await once(child, 'exit')
  return String(line).trim()
}

async function end(host: SandboxHost, place: TestPlace): Promise<void> {
  await host.destroyAll()
  await host.close()
  await rm(place.data, { recursive: true })
}

describe('a host that was killed', () => {
  test('leaves its sandboxes running, and the next one adopts them', async () => {
    const place = testPlace()
    const id = await inKilledProcess(
      place,
      `const sandbox = await host.create({ name: 'ada', limits: { pids: 123 } })
       await sandbox.exec(['sh', '-c', 'echo kept >/root/note; setsid sleep 1000 >/dev/null 2>&1 </dev/null &'])
       console.log(sandbox.id)`,
    )
    const host = await SandboxHost.open(place)
    expect(host.adopted.map((sandbox) => sandbox.id)).toEqual([id])
    const sandbox = host.get(id)!
    expect({ name: sandbox.name, pids: sandbox.limits.pids }).toEqual({ name: 'ada', pids: 123 })
    expect((await sandbox.exec(['sh', '-c', 'cat /root/note; pgrep -c sleep'])).stdout).toBe('kept\n1\n')
    await sandbox.destroy()
    expect((await remains(place)).filter((words) => !words.startsWith('link'))).toEqual([])
    await end(host, place)
  })

  test('leaves half-made sandboxes, which the next one clears away', async () => {
    const place = testPlace()
    await inKilledProcess(
      place,
      `const { rm } = await import('node:fs/promises')
       for (let i = 0; i < 2; i++) {
         const { id } = await host.create()
         await rm(${JSON.stringify(place.data)} + '/sandboxes/' + id + '/sandbox.json')
       }
       console.log('made')`,
    )
    expect((await remains(place)).filter((words) => words.startsWith('mount'))).toHaveLength(4)
    const host = await SandboxHost.open(place)
    expect(host.adopted).toEqual([])
    expect((await remains(place)).filter((words) => !words.startsWith('link'))).toEqual([])
    await end(host, place)
  })

  describe('whose sandbox has ended meanwhile, as at a reboot', () => {
    const WRITE =
      "const sandbox = await host.create(); await sandbox.exec(['sh', '-c', 'echo mine >/root/kept; echo mine >/etc/kept']); console.log('written')"

    /** @returns what the next host finds in both files; `null` without a sandbox. */
    async function reopen(place: TestPlace, before: (directory: string) => Promise<unknown>) {
      const directory = join(place.data, 'sandboxes', (await readdir(join(place.data, 'sandboxes')))[0]!)
      const { initPid } = JSON.parse(await readFile(join(directory, 'sandbox.json'), 'utf8'))
      process.kill(initPid, 'SIGKILL')
      await before(directory)
      const words: string[] = []
      const host = await SandboxHost.open({ ...place, log: (line) => words.push(line) })
      const read = await host.adopted[0]?.exec(['cat', '/root/kept', '/etc/kept'])
      return { host, words, stdout: read?.stdout ?? null }
    }

    test('starts it again on its disk', async () => {
      const place = testPlace()
      await inKilledProcess(place, WRITE)
      const { host, stdout } = await reopen(place, async () => {})
      expect(stdout).toBe('mine\nmine\n')
      await end(host, place)
    })

    test('keeps the home, and nothing over the image, when the image is another one', async () => {
      const place = testPlace()
      await inKilledProcess(place, WRITE)
      const { host, stdout } = await reopen(place, async (directory) => {
        const file = join(directory, 'sandbox.json')
        const record = JSON.parse(await readFile(file, 'utf8'))
        await writeFile(file, JSON.stringify({ ...record, image: 'an older one' }))
      })
      expect(stdout).toBe('mine\n')
      await end(host, place)
    })

    test('keeps the files of one that cannot be started, and says so', async () => {
      const place = testPlace()
      await inKilledProcess(place, WRITE)
      const { host, words, stdout } = await reopen(place, async (directory) => {
        execFileSync('umount', ['--lazy', join(directory, 'root'), join(directory, 'disk')])
        await writeFile(join(directory, 'disk.ext4'), 'no file system')
      })
      expect(stdout).toBeNull()
      expect(words.join('\n')).toMatch(/could not be started again; its files stay where they are.*e2fsck/)
      expect((await remains(place)).filter((what) => !what.startsWith('link'))).toEqual([
        expect.stringMatching(/^directory /),
      ])
      await end(host, place)
    })
  })
})

describe('a host says what is wrong, and leaves nothing', () => {
  const path = process.env.PATH
  afterEach(() => {
    process.env.PATH = path
    vi.restoreAllMocks()
  })

  /** Puts a runtime of our own before the real one. */
  async function withRuntime(script: string, use: () => Promise<void>): Promise<void> {
    const directory = await mkdtemp('/var/tmp/docker-internals-runtime-')
    for (const name of ['runc', 'crun']) {
      await writeFile(join(directory, name), `#!/bin/sh\n[ "$1" = --version ] && exit 0\n${script}\n`)
      await chmod(join(directory, name), 0o755)
    }
    process.env.PATH = `${directory}:${path}`
    await use().finally(() => rm(directory, { recursive: true }))
  }

  test('not root', async () => {
    vi.spyOn(process, 'geteuid').mockReturnValue(1000)
    await expect(SandboxHost.open(testPlaceName())).rejects.toThrow(
      'Expected root to run sandboxes, found user id 1000. Run it with sudo.',
    )
  })

  test('no OCI runtime', async () => {
    const place = testPlace()
    const directory = await mkdtemp('/var/tmp/docker-internals-runtime-')
    process.env.PATH = directory
    await expect(SandboxHost.open(place)).rejects.toThrow(
      'Expected runc or crun in PATH, found neither. Install one: apt-get install runc.',
    )
    await Promise.all([place.data, directory].map((each) => rm(each, { recursive: true })))
  })

  test('a data directory that cannot be written, or is in use', async () => {
    await expect(SandboxHost.open({ data: '/proc/docker-internals' })).rejects.toMatchObject({
      code: 'directory-not-writable',
    })
    await withHost((_, place) =>
      expect(SandboxHost.open(place)).rejects.toThrow(`Expected ${place.data} for ourselves, found another`),
    )
  })

  test('a full disk', async () => {
    const place = testPlace()
    await mustRun(['mount', '-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', place.data])
    const host = await SandboxHost.open(place)
    await expect(host.create()).rejects.toMatchObject({ code: 'disk-full' })
    expect((await remains(place)).filter((words) => !/^(link|mount)/.test(words))).toEqual([])
    await host.close()
    await mustRun(['umount', place.data])
    await rm(place.data, { recursive: true })
  })

  test('a runtime that fails', () =>
    withRuntime('echo "exec format error" >&2; exit 1', () =>
      withHost(async (host, place) => {
        const before = await remains(place)
        await expect(host.create()).rejects.toThrow(
          /Expected (runc|crun) run to succeed, found exec format error/,
        )
        expect(await remains(place)).toEqual(before)
        expect(await readdir(join(place.data, 'sandboxes'))).toEqual([])
      }),
    ))

  test('a runtime that hangs', () =>
    withRuntime('sleep 1000', () =>
      withHost(
        async (host, place) => {
          const before = await remains(place)
          await expect(host.create()).rejects.toMatchObject({ code: 'program-hangs' })
          expect(await remains(place)).toEqual(before)
        },
        { startTimeout: 500 },
      ),
    ))

  function testPlaceName(): TestPlace {
    return { data: '/var/tmp/docker-internals-never', cgroupParent: '/docker-internals-test-never' }
  }
})
