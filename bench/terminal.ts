/** A terminal over the WebSocket: ours, which goes into a sandbox, and a naive server without one. Turn by turn in the same run. */
import { setTimeout as sleep } from 'node:timers/promises'
import { type BenchResult, compare } from './result.ts'
import {
  naiveServer,
  ourServer,
  type ServerUnderTest,
  type TerminalUnderTest,
} from './terminal-under-test.ts'

const ECHOES = 1000
const WARM_UP = 100
const ROUNDS = 7
const MEGABYTES = 60
const SLOW_READER_MS = 30_000
/** The naive server keeps what the reader does not take: enough to show it, and no more. */
const MOST_GROWTH = 1024 ** 3

export async function measureTerminal(): Promise<BenchResult[]> {
  const [ours, naive] = await Promise.all([ourServer(), naiveServer()])
  try {
    return [
      ...(await measureEcho(ours, naive)),
      await measureThroughput(ours, naive),
      await measureMemory(ours, naive),
    ]
  } finally {
    await Promise.all([ours.end(), naive.end()])
  }
}

/** A typed byte that comes back: through a program that only copies, with the line discipline out of the way. */
async function measureEcho(ours: ServerUnderTest, naive: ServerUnderTest): Promise<BenchResult[]> {
  const samples: [number[], number[]] = [[], []]
  const terminals = await Promise.all([ours.open(), naive.open()])
  for (const terminal of terminals) {
    terminal.type('stty raw -echo; echo READY; cat\r')
    await terminal.shows('READY\n')
    await sleep(100)
  }
  for (let at = 0; at < WARM_UP + ECHOES; at++)
    for (const [which, terminal] of terminals.entries()) {
      const ms = await echo(terminal)
      if (at >= WARM_UP) samples[which]!.push(ms)
      await sleep(1)
    }
  for (const terminal of terminals) terminal.close()
  return [compare('echo', 'ms', samples[0], { name: 'node-pty + ws, no sandbox', samples: samples[1] })]
}

function echo(terminal: TerminalUnderTest): Promise<number> {
  const started = performance.now()
  return new Promise((resolve) => {
    terminal.onOutput = () => resolve(performance.now() - started)
    terminal.type('x')
  })
}

async function measureThroughput(ours: ServerUnderTest, naive: ServerUnderTest): Promise<BenchResult> {
  const samples: [number[], number[]] = [[], []]
  const terminals = await Promise.all([ours.open(), naive.open()])
  for (let round = 0; round <= ROUNDS; round++)
    for (const [which, terminal] of terminals.entries()) {
      const rate = await throughput(terminal)
      if (round > 0) samples[which]!.push(rate)
    }
  for (const terminal of terminals) terminal.close()
  return compare('throughput', 'MB/s', samples[0], { name: 'node-pty + ws, no sandbox', samples: samples[1] })
}

/** Lines of 80 characters, as programs print them. */
async function throughput(terminal: TerminalUnderTest): Promise<number> {
  const before = terminal.received
  const started = performance.now()
  const line = 'x'.repeat(79)
  const end = terminal.shows('THE-END')
  terminal.type(`yes ${line} | head -c ${MEGABYTES}M; echo THE-''END\r`)
  await end
  return (terminal.received - before) / 1e6 / ((performance.now() - started) / 1000)
}

/** `yes` runs, and the page has stopped reading. */
async function measureMemory(ours: ServerUnderTest, naive: ServerUnderTest): Promise<BenchResult> {
  const [mine, theirs] = [await growth(ours), await growth(naive)]
  const name = `node-pty + ws, no sandbox, after ${(theirs.ms / 1000).toFixed(1)} s`
  return compare('memory of the server, `yes` against a reader that stopped for 30 s', 'MB', mine.samples, {
    name,
    samples: theirs.samples,
  })
}

async function growth(server: ServerUnderTest): Promise<{ samples: number[]; ms: number }> {
  const terminal = await server.open()
  const before = server.memory()
  terminal.socket.pause()
  terminal.type('yes\r')
  const started = performance.now()
  const samples: number[] = []
  while (performance.now() - started < SLOW_READER_MS && (samples.at(-1) ?? 0) * 1e6 < MOST_GROWTH) {
    await sleep(250)
    samples.push((server.memory() - before) / 1e6)
  }
  const ms = performance.now() - started
  terminal.close()
  return { samples, ms }
}
