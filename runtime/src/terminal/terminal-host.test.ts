import { createHash } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { HIGH_WATER } from '../model/terminal-limits.ts'
import { type LooseHost, startLooseHost } from './test/loose-host.ts'
import { Page } from './test/page.ts'

let host: LooseHost
beforeEach(async () => {
  host = await startLooseHost()
  await host.link.whenConnected()
})
afterEach(() => host.end())

const until = <T>(probe: () => T, timeout = 8_000) => vi.waitFor(probe, { timeout, interval: 5 })
const shows = (page: Page, text: string | RegExp) => until(() => expect(page.text).toMatch(text))

async function prompt(name = 'a', place = {}): Promise<Page> {
  const page = new Page(host.link, name, place)
  await shows(page, '$ ')
  return page
}

describe('a terminal', () => {
  test('echoes, runs and knows its size', async () => {
    const page = await prompt('a', { cols: 100, rows: 30 })
    expect(page.attached).toMatchObject({ from: 0, gap: false, modes: '', cols: 100, rows: 30 })
    page.type('stty size; echo $TERM $LANG\r')
    await shows(page, /30 100\r\nxterm-256color C.UTF-8/)
    page.viewer.resize(91, 17)
    page.type('stty size\r')
    await shows(page, '17 91')
    expect(host.link.shells().get('a')).toBeGreaterThan(1)
  })

  test('has only its own descriptors, and a higher oom score than the host', async () => {
    const first = await prompt('a')
    const page = await prompt('b')
    page.type('ls /proc/$$/fd | tr "\\n" " "; cat /proc/$$/oom_score_adj\r')
    await shows(page, /0 1 2 255 300/)
    first.viewer.detach()
  })

  test('gives the last output of an exiting program, every time', async () => {
    const page = await prompt()
    for (let round = 0; round < 20; round++) {
      page.exit = null
      page.type(`exec seq 1 5000\r`)
      await until(() => expect(page.exit).toEqual({ code: 0, signal: null }))
      expect(page.text.endsWith('4999\r\n5000\r\n')).toBe(true)
      await host.link.restart('a')
    }
  })

  test('gives the last output of a program that exits while it is paused', async () => {
    const page = await prompt()
    page.acknowledges = false
    page.type(`exec sh -c 'head -c ${HIGH_WATER + 20_000} /dev/zero | tr "\\\\0" x; echo THE END'\r`)
    await until(() => expect(page.received).toBeGreaterThanOrEqual(HIGH_WATER))
    await new Promise((resolve) => setTimeout(resolve, 400))
    expect(page.exit).toBeNull()
    page.acknowledges = true
    page.viewer.acknowledge(page.next)
    await until(() => expect(page.exit).not.toBeNull())
    expect(page.text).toMatch(/xTHE END\r\n$/)
  })

  test('never gives what was typed for one shell to the next', async () => {
    const page = await prompt()
    for (let round = 0; round < 15; round++) {
      page.type('stty raw -echo; sleep 100\r')
      page.type('SECRET'.repeat(10_000))
      await host.link.restart('a')
      const before = page.text.length
      page.type('echo cle""an\r')
      await until(() => expect(page.text.slice(before)).toMatch('clean'))
      expect(page.text.slice(before)).not.toMatch('SECRET')
    }
  }, 30_000)

  test('ends on exit and starts anew when asked', async () => {
    const page = await prompt()
    const { instance } = page.attached!
    page.type('exit 7\r')
    await until(() => expect(page.exit).toEqual({ code: 7, signal: null }))
    expect(host.link.shells().has('a')).toBe(false)
    await host.link.restart('a')
    await until(() => expect(page.attached!.instance).not.toBe(instance))
    page.type('echo back\r')
    await shows(page, 'back')
    await host.link.close('a')
    expect(page.isLost).toBe(true)
    expect(host.link.terminals()).toEqual([])
  })
})

describe('a page that comes back', () => {
  test('after the server was killed: same shell, and only what is missing', async () => {
    const page = await prompt()
    page.type('cd /tmp; x=kept; echo $$\r')
    await shows(page, /\d+\r\n\$ $/)
    const pid = host.link.shells().get('a')
    const at = { from: page.next, instance: page.attached!.instance }
    await host.relisten()
    expect(page.isLost).toBe(true)
    expect(host.link.shells().get('a')).toBe(pid)
    const again = new Page(host.link, 'a', at)
    again.type('echo $PWD $x\r')
    await shows(again, '/tmp kept')
    expect(again.attached).toMatchObject({ from: at.from, gap: false })
    expect(again.text.startsWith('echo $PWD')).toBe(true)
    const fresh = new Page(host.link, 'a')
    await shows(fresh, '/tmp kept')
    expect(fresh.attached).toMatchObject({ from: 0, gap: false })
  })

  test('to another instance: told so, and given it from its beginning', async () => {
    const page = await prompt()
    const at = { from: page.next, instance: page.attached!.instance }
    await host.link.restart('a')
    page.viewer.detach()
    const again = new Page(host.link, 'a', at)
    await shows(again, '$ ')
    expect(again.attached).toMatchObject({ from: 0, gap: true })
  })

  test('gets 20 MB exactly, through ten reconnects and a program that does not wait', async () => {
    const bytes = 20_000_000
    const hash = createHash('sha256')
    let taken = 0
    const take = (chunk: Buffer) => {
      hash.update(chunk)
      taken += chunk.length
    }
    const source = `seq 1 99999999 | head -c ${bytes}`
    let page = await prompt()
    page.type(`stty -opost -echo; PS1=; clear\r`)
    await shows(page, /\x1b\[H/)
    await host.link.settled('a')
    page.viewer.detach()
    page = new Page(host.link, 'a', { from: page.next, instance: page.attached!.instance }, take)
    page.type(`sleep 0.2; ${source}; kill -9 $$\r`)
    for (let round = 1; round <= 10; round++) {
      page.keepsText = false
      await until(() => expect(taken).toBeGreaterThan((bytes / 11) * round))
      const at = { from: page.next, instance: page.attached!.instance }
      if (round % 2) await host.relisten()
      else page.viewer.detach()
      page = new Page(host.link, 'a', at, take)
    }
    await until(() => expect(page.exit).not.toBeNull())
    expect(page.gaps).toBe(0)
    expect(taken).toBe(bytes)
    const { execFileSync } = await import('node:child_process')
    const wanted = execFileSync('sh', ['-c', `${source} | sha256sum`])
      .toString()
      .split(' ')[0]
    expect(hash.digest('hex')).toBe(wanted)
  })
})

describe('flow control', () => {
  test('pauses the program when the page does not acknowledge, and lets it go on', async () => {
    const page = await prompt()
    page.acknowledges = false
    page.keepsText = false
    const before = page.received
    page.type('yes\r')
    await until(() => expect(page.received).toBeGreaterThan(HIGH_WATER - 70_000))
    await new Promise((resolve) => setTimeout(resolve, 300))
    const stopped = page.received
    expect(stopped - before).toBeLessThanOrEqual(HIGH_WATER)
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(page.received).toBe(stopped)
    page.acknowledges = true
    page.viewer.acknowledge(page.next)
    await until(() => expect(page.received).toBeGreaterThan(4_000_000))
    page.type('\x03')
  })

  test('a page that is behind gets a gap, the one in front is not held up', async () => {
    const front = await prompt()
    const behind = new Page(host.link, 'a')
    await shows(behind, '$ ')
    behind.acknowledges = false
    front.keepsText = false
    front.type('head -c 3000000 /dev/zero | tr "\\0" "\\n"; echo DO""NE\r')
    await until(() => expect(front.received).toBeGreaterThan(6_000_000))
    expect(behind.received).toBeLessThanOrEqual(2 * HIGH_WATER)
    behind.acknowledges = true
    behind.viewer.acknowledge(behind.next)
    await shows(behind, /DONE/)
    expect(behind.gaps).toBe(1)
    expect(front.gaps).toBe(0)
  })
})

test('two pages: the one in use decides the size, the other is told', async () => {
  const first = await prompt('a', { cols: 80, rows: 24 })
  const second = new Page(host.link, 'a', { cols: 120, rows: 40 })
  await shows(second, '$ ')
  expect(second.attached).toMatchObject({ cols: 80, rows: 24 })
  second.type('stty size\r')
  await shows(second, '40 120')
  expect(first.size).toEqual({ cols: 120, rows: 40 })
  first.type('stty size\r')
  await shows(first, '24 80')
  second.viewer.detach()
  first.viewer.detach()
})
