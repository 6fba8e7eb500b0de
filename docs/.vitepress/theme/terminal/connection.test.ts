import {
  ACK_EVERY,
  encodeOutput,
  MAX_PAYLOAD,
  type TerminalEvent,
} from '@docker-internals/sandbox-server/protocol'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { TerminalConnection, type TerminalSocket, type TerminalState } from './connection.ts'
import type { Place, Size } from './place.ts'

class Wire implements TerminalSocket {
  readyState = 1
  onmessage: TerminalSocket['onmessage'] = null
  onclose: TerminalSocket['onclose'] = null
  onerror = null
  readonly place: Place
  readonly requests: unknown[] = []
  #input: number[] = []
  constructor(place: Place) {
    this.place = place
  }
  send(message: string | Uint8Array) {
    if (typeof message === 'string') this.requests.push(JSON.parse(message))
    else {
      expect(message.length).toBeLessThanOrEqual(MAX_PAYLOAD)
      this.#input.push(...message)
    }
  }
  close(code = 1006) {
    this.readyState = 3
    this.onclose?.({ code })
  }
  says(event: TerminalEvent) {
    this.onmessage?.({ data: JSON.stringify(event) })
  }
  attaches(event: Partial<Extract<TerminalEvent, { type: 'attached' }>> = {}) {
    const usual = { instance: 'one', from: 0, live: 0, gap: false, modes: '', cols: 80, rows: 24 }
    this.says({ type: 'attached', ...usual, ...event })
  }
  prints(seq: number, text: string) {
    const frame = encodeOutput(seq, new TextEncoder().encode(text))
    this.onmessage?.({ data: frame.buffer })
  }
  get input() {
    return new TextDecoder().decode(Uint8Array.from(this.#input))
  }
  get acks() {
    return this.requests.flatMap((request) => ((request as { seq?: number }).seq ?? []) as number[])
  }
}

/** Parses when told to, in the order it was given things. */
class Screen {
  shown = ''
  readonly sizes: Size[] = []
  readonly states: TerminalState[] = []
  #queue: { change: () => void; parsed: () => void; text: string }[] = []
  answer: ((text: string) => void) | null = null
  holds = false

  write(bytes: Uint8Array, parsed: () => void) {
    const text = new TextDecoder().decode(bytes)
    this.#add(text, parsed, () => {
      this.shown += text
    })
  }
  clear(modes: string, parsed: () => void) {
    this.#add(modes, parsed, () => {
      this.shown = modes
    })
  }
  resize(size: Size) {
    this.sizes.push(size)
  }
  state(state: TerminalState) {
    this.states.push(state)
  }
  parse(count = Number.POSITIVE_INFINITY) {
    for (const { change, parsed, text } of this.#queue.splice(0, count)) {
      change()
      this.answer?.(text)
      parsed()
    }
  }
  get is() {
    return this.states.at(-1)?.is
  }
  #add(text: string, parsed: () => void, change: () => void) {
    this.#queue.push({ change, parsed, text })
    if (!this.holds) this.parse()
  }
}

let wires: Wire[]
let screen: Screen
let connection: TerminalConnection
let worthTrying: boolean

beforeEach(() => {
  vi.useFakeTimers()
  wires = []
  worthTrying = true
  screen = new Screen()
  connection = new TerminalConnection({
    connect: (place) => wires[wires.push(new Wire(place)) - 1]!,
    worthTrying: async () => worthTrying,
    sink: screen,
    random: () => 0,
  })
  connection.start()
})
afterEach(() => {
  connection.stop()
  vi.useRealTimers()
})

const wire = () => wires.at(-1)!
const backOff = () => vi.advanceTimersByTimeAsync(500)
async function reconnect() {
  wire().close()
  await backOff()
}

describe('output', () => {
  it('goes on after a lost connection without a byte lost or shown twice', async () => {
    wire().attaches()
    wire().prints(0, 'hello ')
    screen.holds = true
    wire().prints(6, 'wor')
    await reconnect()
    expect(wire().place).toMatchObject({ from: 9, instance: 'one' })
    wire().attaches({ from: 9, live: 11 })
    wire().prints(6, 'world')
    wire().prints(11, '!')
    screen.parse()
    expect(screen.shown).toBe('hello world!')
  })

  it('of a second time is not shown', () => {
    wire().attaches()
    wire().prints(0, 'abc')
    wire().prints(0, 'abc')
    wire().prints(2, 'cd')
    expect(screen.shown).toBe('abcd')
  })

  it('with a hole ends the connection, and the next one begins before the hole', async () => {
    wire().attaches()
    wire().prints(0, 'abc')
    wire().prints(5, 'fg')
    expect(wire().readyState).toBe(3)
    await backOff()
    expect(wire().place.from).toBe(3)
    expect(screen.shown).toBe('abc')
  })

  it('before the agreement on where we are is not shown', () => {
    wire().prints(0, 'abc')
    expect(screen.shown).toBe('')
  })

  it('after a gap begins on a clear screen, in the modes in force', () => {
    wire().attaches()
    wire().prints(0, 'old')
    wire().attaches({ from: 5000, live: 5003, gap: true, modes: '<modes>' })
    wire().prints(5000, 'new')
    expect(screen.shown).toBe('<modes>new')
  })

  it('of another instance begins on a clear screen, and late news of the old one change nothing', async () => {
    wire().attaches()
    screen.holds = true
    wire().prints(0, 'x'.repeat(ACK_EVERY))
    wire().attaches({ instance: 'two' })
    wire().prints(0, 'new')
    screen.parse()
    await vi.advanceTimersByTimeAsync(100)
    expect(screen.shown).toBe('new')
    expect(wire().acks).toEqual([3])
    await reconnect()
    expect(wire().place).toMatchObject({ from: 3, instance: 'two' })
  })
})

describe('acknowledgement', () => {
  it('waits until the screen has parsed, then comes for every ACK_EVERY bytes', () => {
    wire().attaches()
    screen.holds = true
    wire().prints(0, 'x'.repeat(ACK_EVERY * 3))
    expect(wire().acks).toEqual([])
    screen.parse(1)
    expect(wire().acks).toEqual([ACK_EVERY])
    screen.parse()
    expect(wire().acks).toEqual([ACK_EVERY, ACK_EVERY * 2, ACK_EVERY * 3])
  })

  it('of the rest comes when it is quiet, once for many small pieces', async () => {
    wire().attaches()
    for (let at = 0; at < 5; at++) wire().prints(at, 'x')
    expect(wire().acks).toEqual([])
    await vi.advanceTimersByTimeAsync(100)
    expect(wire().acks).toEqual([5])
  })

  it('of a replay comes at its end: the other side waits for it', () => {
    wire().attaches({ live: 4 })
    wire().prints(0, 'past now')
    expect(wire().acks).toEqual([4])
  })

  it('is not sent for what an earlier connection brought', async () => {
    wire().attaches()
    screen.holds = true
    wire().prints(0, 'x'.repeat(ACK_EVERY + 5))
    await reconnect()
    wire().attaches({ from: ACK_EVERY + 5, live: ACK_EVERY + 5 })
    screen.parse()
    await vi.advanceTimersByTimeAsync(100)
    expect(wire().acks).toEqual([])
  })
})

describe('input', () => {
  it('is dropped without a connection and never sent later', async () => {
    expect(connection.type('early')).toBe(false)
    wire().attaches()
    expect(connection.type('ls\r')).toBe(true)
    const first = wire()
    first.close()
    expect(connection.type('lost')).toBe(false)
    await backOff()
    wire().attaches()
    expect(first.input).toBe('ls\r')
    expect(wire().input).toBe('')
  })

  it('longer than a message may be is sent in parts', () => {
    wire().attaches()
    connection.type('é'.repeat(100_000))
    expect(wire().input).toBe('é'.repeat(100_000))
  })

  it('does not repeat the screen’s answers to what is replayed; keys pass', () => {
    screen.answer = (text) => {
      if (text.includes('?')) connection.typeFromScreen('\x1b[1;1R')
    }
    wire().attaches({ live: 4 })
    screen.holds = true
    wire().prints(0, 'old?new?')
    connection.typeFromScreen('k')
    screen.parse(1)
    expect(wire().input).toBe('k')
    screen.parse()
    expect(wire().input).toBe('k\x1b[1;1R')
  })

  it('does not answer the old shell’s queries to the new one', () => {
    screen.answer = (text) => {
      if (text.includes('?')) connection.typeFromScreen('\x1b[1;1R')
    }
    wire().attaches()
    screen.holds = true
    wire().prints(0, 'old?')
    wire().attaches({ instance: 'two' })
    screen.parse()
    expect(wire().input).toBe('')
  })
})

describe('size', () => {
  it('is told when dialling, and later not for every step of a drag', async () => {
    connection.resize({ cols: 100, rows: 30 })
    wire().attaches({ cols: 80, rows: 24 })
    expect(wire().requests).toEqual([{ type: 'resize', cols: 100, rows: 30 }])
    for (let cols = 101; cols < 110; cols++) connection.resize({ cols, rows: 30 })
    await vi.advanceTimersByTimeAsync(200)
    expect(wire().requests.slice(1)).toEqual([{ type: 'resize', cols: 109, rows: 30 }])
    expect(screen.sizes.at(-1)).toEqual({ cols: 109, rows: 30 })
    await reconnect()
    expect(wire().place.size).toEqual({ cols: 109, rows: 30 })
  })

  it('stays within what the protocol allows', () => {
    connection.resize({ cols: 0, rows: 9999 })
    expect(screen.sizes).toEqual([{ cols: 2, rows: 300 }])
  })

  it('is that of the page in use: another’s until something is typed here', async () => {
    connection.resize({ cols: 100, rows: 30 })
    await reconnect()
    wire().attaches({ cols: 100, rows: 30 })
    wire().says({ type: 'size', cols: 60, rows: 20 })
    expect(screen.sizes.at(-1)).toEqual({ cols: 60, rows: 20 })
    connection.type('x')
    expect(screen.sizes.at(-1)).toEqual({ cols: 100, rows: 30 })
    connection.use()
    expect(wire().requests).toEqual([])
    wire().says({ type: 'size', cols: 60, rows: 20 })
    connection.use()
    expect(wire().requests).toEqual([{ type: 'resize', cols: 100, rows: 30 }])
    expect(screen.sizes.at(-1)).toEqual({ cols: 100, rows: 30 })
  })
})

describe('state', () => {
  it('is attached when the screen shows what the shell has written', () => {
    wire().attaches()
    expect(screen.is).toBe('connecting')
    wire().prints(0, '# ')
    expect(screen.is).toBe('attached')
  })

  it('tells that the shell has ended, until a new one is there', () => {
    wire().attaches()
    wire().prints(0, '# exit')
    wire().says({ type: 'exit', code: 3, signal: null })
    expect(screen.states.at(-1)).toEqual({ is: 'ended', code: 3, signal: null })
    wire().attaches({ instance: 'two', gap: true })
    wire().prints(0, '# ')
    expect(screen.is).toBe('attached')
  })

  it('dials at once, without a word, when its sandbox was replaced', () => {
    wire().attaches()
    wire().prints(0, '# ')
    wire().close(1012)
    expect(wires.length).toBe(2)
    expect(screen.is).toBe('connecting')
    wire().close(1012) // but not for ever
    expect(wires.length).toBe(2)
    expect(screen.is).toBe('lost')
  })

  it('waits longer after each failure, and not when asked', async () => {
    wire().close()
    await backOff()
    wire().close()
    await backOff()
    expect(wires.length).toBe(2)
    expect(connection.retryNow()).toBe(true)
    await vi.advanceTimersByTimeAsync(0)
    expect(wires.length).toBe(3)
    expect(connection.retryNow()).toBe(false)
  })

  it('does not dial where it is of no use', async () => {
    worthTrying = false
    await reconnect()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(wires.length).toBe(1)
  })

  it('keeps a refusal and its reason until somebody asks again', async () => {
    wire().says({ type: 'failure', code: 'no-room', message: 'The disk is full.' })
    wire().close(1011)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(wires.length).toBe(1)
    expect(screen.states.at(-1)).toEqual({ is: 'failed', message: 'The disk is full.' })
    expect(connection.retryNow()).toBe(true)
  })

  it('forgets a failure of the moment when the program goes on', () => {
    wire().attaches()
    wire().says({ type: 'failure', code: 'input-full', message: 'Full.' })
    wire().prints(0, 'on')
    expect(screen.is).toBe('attached')
  })

  it('ignores what it does not know', () => {
    wire().attaches()
    wire().says({ type: 'weather', is: 'fine' } as never)
    expect(wire().readyState).toBe(1)
  })
})
