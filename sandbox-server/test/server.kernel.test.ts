/** The real server in its own process, with real sandboxes: what a browser, a stranger and a kill -9 see of it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { type ControlClient, TerminalClient, WorkbookProcess } from './workbook-process.ts'

const workbook = new WorkbookProcess()
const LESSON = 'make-a-group'
const inV1 = (controller: string) => `/sys/fs/cgroup/${controller}`

beforeAll(() => workbook.start())
afterAll(() => workbook.destroy())

/** The status and body that an upgrade was refused with. */
async function refusal(path: string, headers: Record<string, string | null>) {
  const socket = workbook.dial(path, headers)
  socket.on('error', () => {})
  const [, response] = await once(socket, 'unexpected-response')
  let body = ''
  for await (const chunk of response) body += chunk
  return `${response.statusCode} ${body.trim()}`
}

const phaseNow = async () => {
  const control = await workbook.control()
  const { phase } = await control.next('sandbox')
  control.socket.close()
  return phase
}

describe('before the 101', () => {
  it.each(['/api/control', '/api/terminals/a'])(
    'strangers are refused at %s and nothing is started',
    async (path) => {
      expect(await refusal(path, { origin: 'http://evil.example' })).toMatch(
        /^403 Expected a page of this workbook/,
      )
      expect(await refusal(path, { origin: null })).toMatch(/^403 Expected an Origin header/)
      expect(await refusal(path, { cookie: null })).toMatch(/^403 Expected the cookie/)
      expect(await refusal(path, { cookie: workbook.cookie.slice(0, -1) })).toMatch(
        /^403 Expected the cookie/,
      )
      expect(await refusal(path, { host: 'evil.example', origin: 'http://evil.example' })).toMatch(
        /^403 .* Host header/,
      )
      expect(await phaseNow()).toBe('none')
    },
  )

  it('addresses that are not there are not found', async () => {
    for (const path of ['/api/terminals/z', '/api/terminals/aa', '/api/terminals/a/b', '/api/other', '/'])
      expect(await refusal(path, {})).toMatch(/^404 /)
  })

  it('the printed link lets in', async () => {
    const response = await fetch(workbook.url, { redirect: 'manual' })
    expect(response.status).toBe(303)
    const cookie = response.headers.get('set-cookie')!.split(';')[0]!
    const health = await fetch(`${workbook.origin}/healthz`, { headers: { cookie } })
    expect(await health.json()).toEqual({ workbook: true, session: true })
  })
})

describe('the control socket', () => {
  let control: ControlClient
  beforeAll(async () => {
    control = await workbook.control()
  })

  it('answers malformed messages with a sentence each, and lives on', async () => {
    const bad = [
      '{',
      '[]',
      '{"type":"x"}',
      '{"type":"check","lesson":"../../etc"}',
      '{"type":"check","lesson":"none"}',
    ]
    for (const text of bad) {
      control.socket.send(text)
      expect((await control.next('failure')).message).toMatch(/^Expected .*, found .*\. /)
    }
    control.socket.send(new Uint8Array(10))
    expect((await control.next('failure')).code).toBe('malformed-message')
    control.send({ type: 'check', lesson: LESSON })
    expect((await control.next('failure')).code).toBe('no-sandbox')
  })

  it('ends a connection that sends more than the limit, and that one only', async () => {
    const other = workbook.dial('/api/control')
    await once(other, 'open')
    other.send('x'.repeat(100_000))
    const [code] = await once(other, 'close')
    expect(code).toBe(1009)
    expect(control.socket.readyState).toBe(WebSocket.OPEN)
  })
})

describe('a learner at work', () => {
  it('gets a shell, and a verdict when the kernel shows the deed; both outlive a kill -9', async () => {
    const control = await workbook.control()
    control.send({ type: 'open-lesson', lesson: LESSON })
    const shell = new TerminalClient(workbook.dial('/api/terminals/a'))
    await control.next('sandbox', ({ phase }) => phase === 'running')
    await shell.until('root@lab')
    const before = await control.next('verdicts', ({ verdicts }) =>
      verdicts.some(({ step }) => step === 'make'),
    )
    expect(before.verdicts.find(({ step }) => step === 'make')).toMatchObject({
      passed: false,
      seen: 'there is none yet',
    })

    shell.type(
      `export KEPT=before; mkdir ${inV1('pids')}/lfnw /sys/fs/cgroup/lfnw 2>/dev/null; echo ty''ped\r`,
    )
    await shell.until('typed')
    const typedAt = Date.now()
    await control.next('verdicts', ({ verdicts }) =>
      verdicts.some(({ step, passed }) => step === 'make' && passed),
    )
    expect(Date.now() - typedAt).toBeLessThan(1500)

    await workbook.end('SIGKILL')
    await workbook.start()
    const again = await workbook.control()
    const { phase, terminals } = await again.next('sandbox')
    expect(phase).toBe('running')
    expect(terminals.length).toBeLessThanOrEqual(1)
    const same = new TerminalClient(workbook.dial('/api/terminals/a?from=0'))
    await same.until('typed') // scrollback
    same.type('echo still-$KEPT\r')
    await same.until('still-before')
    const { progress } = await new Promise<{ progress: unknown[] }>((resolve) => {
      const socket = workbook.dial('/api/control')
      socket.once('message', (data) => resolve(JSON.parse(String(data))))
    })
    expect(progress).toContainEqual(expect.objectContaining({ lesson: LESSON, step: 'make', state: 'done' }))
  })

  it('can reset, and take the reset back', async () => {
    const control = await workbook.control()
    control.send({ type: 'reset-sandbox' })
    const fresh = await control.next(
      'sandbox',
      ({ phase, undoUntil }) => phase === 'running' && undoUntil !== null,
    )
    expect(fresh.undoUntil! - Date.now()).toBeGreaterThan(9 * 60_000)
    const shell = new TerminalClient(workbook.dial('/api/terminals/a'))
    await shell.until('root@lab')
    shell.type('echo "[$KEPT]"\r')
    await shell.until('[]')
    control.send({ type: 'undo-reset' })
    await once(shell.socket, 'close')
    await control.next('sandbox', ({ phase, undoUntil }) => phase === 'running' && undoUntil === null)
    const old = new TerminalClient(workbook.dial('/api/terminals/a'))
    old.type('echo back-$KEPT\r')
    await old.until('back-before')
  })

  it('can start at a later step: what comes before is typed, and counts as prepared', async () => {
    const control = await workbook.control()
    control.send({ type: 'start-here', lesson: LESSON, step: 'move' })
    const { total } = await control.next('preparing')
    expect(total).toBeGreaterThan(0)
    await control.next('preparing', ({ done }) => done === total, 60_000)
    control.send({ type: 'check', lesson: LESSON })
    const { verdicts } = await control.next('verdicts')
    expect(verdicts.find(({ step }) => step === 'make')!.passed).toBe(true)
    expect(verdicts.find(({ step }) => step === 'move')!.passed).toBe(false)
  })
})

describe('a terminal', () => {
  it.each([
    [{ type: 'resize', cols: 0, rows: 0 }, /"cols" to be >=2, found 0/],
    [{ type: 'resize', cols: 100_000, rows: 100_000 }, /"cols" to be <=500, found 100000/],
    [{ type: 'resize', cols: 80.5, rows: 24 }, /"cols" to be a whole number, found 80.5/],
    [{ type: 'ack', seq: -1 }, /"seq" to be >=0, found -1/],
    [{ type: 'nonsense' }, /found "nonsense"/],
  ])('answers %j with a sentence, and the shell lives on', async (message, words) => {
    const shell = new TerminalClient(workbook.dial('/api/terminals/h?cols=0&rows=99999&from=-3'))
    await shell.until('root@lab')
    shell.socket.send(JSON.stringify(message))
    await shell.failed(words)
    shell.type('stty size\r')
    await shell.until(/\d\d \d\d/)
    shell.socket.terminate()
  })
})

describe('starting', () => {
  it.each([
    [
      'a port that is no number',
      ['--port', 'http'],
      /Expected --port to be a number from 0 to 65535, found "http"/,
    ],
    ['an option that there is not', ['--prot', '1'], /unknown option '--prot'/],
    ['data of another server', ['--port', '0'], /found another workbook server that uses it/],
  ])('refuses %s in a sentence', async (_, options, words) => {
    const second = new WorkbookProcess(workbook.data)
    await expect(second.start(...options)).rejects.toThrow(words)
  })

  it('refuses to run as somebody else than root', async () => {
    const main = join(import.meta.dirname, '..', 'src', 'main.ts')
    const child = spawn('setpriv', ['--reuid=65534', '--clear-groups', process.execPath, main, '--port', '0'])
    let words = ''
    child.stderr.on('data', (chunk) => {
      words += chunk
    })
    const [code] = await once(child, 'close')
    expect(code).toBe(1)
    expect(words).toMatch(/^Expected root to serve the workbook.*, found user id 65534\. .*sudo/)
  })

  it('refuses a port that is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const { port } = taken.address() as { port: number }
    const second = new WorkbookProcess(workbook.data)
    await expect(second.start('--port', String(port))).rejects.toThrow(
      /is taken by another program\. .*--port/,
    )
    taken.close()
  })

  it('stops when it is asked to, and leaves the shells running', async () => {
    expect(await workbook.end('SIGTERM')).toBe(0)
    await workbook.start()
    expect(await phaseNow()).toBe('running')
    expect(workbook.log).not.toContain(new URL(workbook.url).searchParams.get('token'))
  })

  it('ends the sandboxes when it is told to', async () => {
    await workbook.end('SIGINT')
    await workbook.start('--stop-sandboxes')
    expect(await workbook.end('SIGTERM')).toBe(0)
    await workbook.start()
    expect(await phaseNow()).toBe('none')
  })
})
