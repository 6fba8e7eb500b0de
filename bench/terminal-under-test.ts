/** One shell behind a WebSocket, ours or the naive one, as the measurements see it: bytes in, bytes out. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { WebSocket } from 'ws'
import { ACK_EVERY, OUTPUT_HEADER_BYTES } from '../sandbox-server/protocol/index.ts'
import { WorkbookProcess } from '../sandbox-server/test/workbook-process.ts'

export interface ServerUnderTest {
  /** A fresh shell that shows its prompt. */
  open(): Promise<TerminalUnderTest>
  /** Resident memory of the server process, bytes. */
  memory(): number
  end(): Promise<void>
}

export class TerminalUnderTest {
  readonly socket: WebSocket
  /** Bytes of output so far. */
  received = 0
  onOutput: (bytes: Buffer) => void = () => {}
  #unacknowledged = 0

  /** @param isOurs output carries a header and wants to be acknowledged. */
  constructor(socket: WebSocket, isOurs: boolean) {
    this.socket = socket
    socket.on('message', (data: Buffer, isBinary: boolean) => {
      if (!isOurs) return this.#take(data)
      if (!isBinary) return
      const end = Number(data.readBigUInt64BE()) + data.length - OUTPUT_HEADER_BYTES
      this.#take(data.subarray(OUTPUT_HEADER_BYTES))
      this.#unacknowledged += data.length - OUTPUT_HEADER_BYTES
      if (this.#unacknowledged < ACK_EVERY) return
      this.#unacknowledged = 0
      socket.send(JSON.stringify({ type: 'ack', seq: end }))
    })
  }

  #take(bytes: Buffer): void {
    this.received += bytes.length
    this.onOutput(bytes)
  }

  type(text: string): void {
    this.socket.send(Buffer.from(text))
  }

  /** Resolves when the output since this call holds the text. */
  shows(text: string): Promise<void> {
    let tail = ''
    return new Promise((resolve) => {
      this.onOutput = (bytes) => {
        tail = (tail + bytes.toString('latin1')).slice(-4096)
        if (tail.includes(text)) resolve()
      }
    })
  }

  close(): void {
    this.socket.terminate()
  }
}

export async function ourServer(): Promise<ServerUnderTest> {
  const workbook = new WorkbookProcess()
  await workbook.start()
  const names = [...'abcdefgh']
  return {
    async open() {
      const terminal = new TerminalUnderTest(workbook.dial(`/api/terminals/${names.shift()}`), true)
      await terminal.shows('root@lab')
      return terminal
    },
    memory: () => residentBytes(workbook.pid),
    end: () => workbook.destroy(),
  }
}

export async function naiveServer(): Promise<ServerUnderTest> {
  const child: ChildProcess = spawn(
    process.execPath,
    [join(import.meta.dirname, 'naive-terminal-server.ts')],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const [port] = await once(child.stdout!, 'data')
  return {
    async open() {
      const socket = new WebSocket(`ws://127.0.0.1:${Number(port)}`, { perMessageDeflate: false })
      const terminal = new TerminalUnderTest(socket, false)
      await once(socket, 'open')
      await sleep(300)
      return terminal
    },
    memory: () => residentBytes(child.pid!),
    async end() {
      child.kill()
      await once(child, 'exit')
    },
  }
}

/** VmRSS of proc_pid_status(5). */
function residentBytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)![1]) * 1024
}
