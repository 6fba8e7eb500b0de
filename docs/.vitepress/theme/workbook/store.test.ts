import type { ControlEvent, ProgressEntry } from '@docker-internals/sandbox-server/protocol'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { backoff } from './backoff.ts'
import type { Socket } from './control.ts'
import * as store from './store.ts'

class Wire implements Socket {
  readyState = 0
  onopen = null
  onmessage: Socket['onmessage'] = null
  onclose: Socket['onclose'] = null
  onerror = null
  readonly sent: unknown[] = []
  send(text: string) {
    this.sent.push(JSON.parse(text))
  }
  close() {
    this.readyState = 3
    this.onclose?.(undefined as never)
  }
  says(event: ControlEvent) {
    this.readyState = 1
    this.onmessage?.({ data: JSON.stringify(event) })
  }
}

let wires: Wire[]
let health: () => Response
let asked: number
let kept: Map<string, string>
let cookies: string
const SERVED = 'other=1; workbook-server=1'
const answering = (session: boolean) => () => Response.json({ workbook: true, session })
const welcome = (progress: ProgressEntry[] = []): ControlEvent => ({
  ...{ type: 'welcome', protocol: 1, cgroup: 'v1', sandbox: 'none', terminals: [], progress },
})

beforeEach(() => {
  vi.useFakeTimers()
  wires = []
  asked = 0
  kept = new Map()
  cookies = SERVED
  health = answering(true)
})
afterEach(() => {
  store.disconnect()
  vi.useRealTimers()
})

async function connect() {
  const connected = store.connect({
    base: '/',
    cookies: () => cookies,
    fetch: async () => {
      asked += 1
      return health()
    },
    connect: () => wires[wires.push(new Wire()) - 1]!,
    storage: {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => kept.set(key, value),
    } as unknown as Storage,
  })
  await vi.advanceTimersByTimeAsync(0)
  await connected
}

describe('which edition it is', () => {
  it('does not ask a static host anything', async () => {
    cookies = 'theme=dark'
    await connect()
    expect(store.mode.value).toBe('static')
    expect(store.isReadOnly.value).toBe(true)
    expect([asked, wires.length]).toEqual([0, 0])
  })

  it('opens no socket where the token is missing, and says what to do', async () => {
    health = answering(false)
    await connect()
    expect(store.mode.value).toBe('refused')
    expect(store.words.value).toContain('Open the link')
    expect(wires).toEqual([])
  })

  it('is static when something else answers', async () => {
    health = () => new Response('<html>', { status: 200 })
    await connect()
    expect(store.mode.value).toBe('static')
  })

  it('is connected once the server has spoken', async () => {
    await connect()
    expect(store.mode.value).toBe('connecting')
    wires[0]!.says(welcome())
    expect(store.mode.value).toBe('connected')
    expect(store.sandboxVersion.value).toBe('v1')
  })
})

describe('a lost connection', () => {
  it('comes back by itself, opens the lesson again, and drops what was asked meanwhile, saying so', async () => {
    await connect()
    wires[0]!.says(welcome())
    store.openLesson('pids-max')
    wires[0]!.close()
    expect(store.mode.value).toBe('lost')
    expect(store.retryAt.value).toBeGreaterThan(Date.now())
    store.resetSandbox()
    expect(store.failure.value?.code).toBe('not-connected')
    await vi.advanceTimersByTimeAsync(600)
    wires[1]!.says(welcome())
    expect(store.mode.value).toBe('connected')
    expect(store.failure.value).toBeNull()
    expect(wires[1]!.sent).toEqual([{ type: 'open-lesson', lesson: 'pids-max' }])
  })

  it('is tried at once when the learner asks', async () => {
    await connect()
    wires[0]!.close()
    store.reconnectNow()
    await vi.advanceTimersByTimeAsync(0)
    expect(wires.length).toBe(2)
    store.reconnectNow()
    await vi.advanceTimersByTimeAsync(0)
    expect(wires.length).toBe(2)
  })

  it('ends when the server has another token now', async () => {
    await connect()
    wires[0]!.says(welcome())
    health = answering(false)
    wires[0]!.close()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(store.mode.value).toBe('refused')
    expect(wires.length).toBe(1)
  })

  it('waits longer each time, within bounds', () => {
    const waits = [1, 2, 3, 4, 5, 6, 20].map((failures) => backoff(failures, () => 0))
    expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 8000, 8000])
    expect(backoff(5, () => 1)).toBeGreaterThan(5000)
    expect(backoff(1, () => 1)).toBe(500)
  })
})

describe('progress', () => {
  const done = (step: string, at = 1): ProgressEntry => ({ lesson: 'l', step, state: 'done', at })

  it('of a time without a server is given to it', async () => {
    kept.set('docker-internals-progress', JSON.stringify([done('a'), done('b')]))
    await connect()
    wires[0]!.says(welcome([done('b', 2), { ...done('c'), state: 'prepared' }]))
    expect(wires[0]!.sent).toEqual([{ type: 'merge-progress', done: [{ lesson: 'l', step: 'a', at: 1 }] }])
    expect(store.entryOf('l', 'c')?.state).toBe('prepared')
    expect(JSON.parse(kept.get('docker-internals-progress')!)).toHaveLength(3)
  })

  it('is never taken back', async () => {
    await connect()
    wires[0]!.says({ type: 'progress', entries: [done('a')] })
    wires[0]!.says({ type: 'progress', entries: [{ ...done('a'), state: 'prepared' }] })
    expect(store.entryOf('l', 'a')?.state).toBe('done')
  })

  it.each(['{', '[{"lesson":1}]', 'null'])('that was spoilt (%s) is begun anew', async (text) => {
    kept.set('docker-internals-progress', text)
    await connect()
    expect(store.entryOf('l', 'a')).toBeUndefined()
  })
})

it('knows which checks are awaited and what they said', async () => {
  await connect()
  wires[0]!.says(welcome())
  store.check('l')
  expect(store.checking.has('l')).toBe(true)
  const verdict = { step: 'a', passed: false, expected: 'x', seen: 'y' }
  wires[0]!.says({ type: 'verdicts', lesson: 'l', at: 1, verdicts: [verdict] })
  expect(store.checking.has('l')).toBe(false)
  expect(store.verdictOf('l', 'a')).toEqual(verdict)
})

it('does not close the lesson that has just been opened', async () => {
  await connect()
  wires[0]!.says(welcome())
  store.openLesson('b')
  store.closeLesson('a')
  store.closeLesson('b')
  expect(wires[0]!.sent.map((request) => (request as { lesson: string }).lesson)).toEqual(['b', null])
})

it('ignores what it does not understand', async () => {
  await connect()
  wires[0]!.says({ type: 'news-of-tomorrow' } as never)
  wires[0]!.onmessage?.({ data: 'no json' })
  wires[0]!.onmessage?.({ data: new ArrayBuffer(3) })
  expect(store.mode.value).toBe('connecting')
})
