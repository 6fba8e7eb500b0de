/** The real server in a process of its own, so that tests can kill it, and clients that speak its protocol. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { SandboxHost } from '@docker-internals/runtime'
import * as v from 'valibot'
import { WebSocket } from 'ws'
import { ControlEvent, type ControlRequest, decodeOutput, TerminalEvent } from '../protocol/index.ts'

const MAIN = join(import.meta.dirname, '..', 'src', 'main.ts')
const CGROUP_PARENT = `/docker-internals-test-${process.pid}`

export class WorkbookProcess {
  readonly data: string
  url = ''
  log = ''
  #child: ChildProcess | null = null
  #port = 0

  constructor(data = mkdtempSync('/var/tmp/docker-internals-server-')) {
    this.data = data
  }

  async start(...options: string[]): Promise<void> {
    const args = [MAIN, '--port', String(this.#port), '--data', this.data, '--cgroup-parent', CGROUP_PARENT]
    const child = spawn(process.execPath, [...args, ...options], { stdio: ['ignore', 'pipe', 'pipe'] })
    this.#child = child
    child.stderr!.on('data', (chunk) => {
      this.log += chunk
    })
    let out = ''
    for await (const chunk of child.stdout!) {
      out += chunk
      if (out.includes('\n')) break
    }
    this.url = out.match(/^Workbook ready: (\S+)\n$/)?.[1] ?? ''
    if (!this.url) throw new Error(`the server did not start: ${out}${this.log}`)
    this.#port = Number(new URL(this.url).port)
  }

  get pid(): number {
    return this.#child!.pid!
  }

  get origin(): string {
    return new URL(this.url).origin
  }

  get cookie(): string {
    return `workbook-session-${this.#port}=${new URL(this.url).searchParams.get('token')}`
  }

  /** @returns the exit code; null after SIGKILL. */
  async end(signal: 'SIGTERM' | 'SIGINT' | 'SIGKILL'): Promise<number | null> {
    const child = this.#child!
    child.kill(signal)
    const [code] = await once(child, 'exit')
    return code
  }

  /** Ends everything and removes all that was written. */
  async destroy(): Promise<void> {
    if (this.#child?.exitCode === null && this.#child.signalCode === null) await this.end('SIGTERM')
    const host = await SandboxHost.open({ data: this.data, cgroupParent: CGROUP_PARENT })
    await host.destroyAll()
    await host.close()
    rmSync(this.data, { recursive: true, force: true })
  }

  /** A WebSocket as a page of ours opens it. `headers` replace the right ones; null leaves one out. */
  dial(path: string, headers: Record<string, string | null> = {}): WebSocket {
    const all = { origin: this.origin, cookie: this.cookie, ...headers }
    const kept = Object.entries(all).flatMap(([name, value]) => (value === null ? [] : [[name, value]]))
    return new WebSocket(this.origin.replace('http', 'ws') + path, {
      headers: Object.fromEntries(kept),
      perMessageDeflate: false,
    })
  }

  async control(): Promise<ControlClient> {
    const client = new ControlClient(this.dial('/api/control'))
    await client.next('welcome')
    return client
  }
}

type EventOf<T extends ControlEvent['type']> = Extract<ControlEvent, { type: T }>

export class ControlClient {
  readonly socket: WebSocket
  readonly events: ControlEvent[] = []
  #wake: () => void = () => {}

  constructor(socket: WebSocket) {
    this.socket = socket
    socket.on('error', () => {})
    socket.on('message', (data) => {
      this.events.push(v.parse(ControlEvent, JSON.parse(String(data))))
      this.#wake()
    })
  }

  send(request: ControlRequest): void {
    this.socket.send(JSON.stringify(request))
  }

  /** Takes the first event, come or to come, that fits, and forgets those before it. */
  async next<T extends ControlEvent['type']>(
    type: T,
    fits: (event: EventOf<T>) => boolean = () => true,
    ms = 20_000,
  ): Promise<EventOf<T>> {
    const until = Date.now() + ms
    for (let at = 0; ; ) {
      for (; at < this.events.length; at++) {
        const event = this.events[at]!
        if (event.type === type && fits(event as EventOf<T>)) {
          this.events.splice(0, at + 1)
          return event as EventOf<T>
        }
      }
      if (Date.now() > until)
        throw new Error(`no such "${type}" in ${ms} ms; there were ${JSON.stringify(this.events)}`)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, until - Date.now() + 1)
        this.#wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
  }
}

export class TerminalClient {
  readonly socket: WebSocket
  text = ''
  attached: Extract<TerminalEvent, { type: 'attached' }> | null = null
  readonly failures: string[] = []

  constructor(socket: WebSocket) {
    this.socket = socket
    socket.on('error', () => {})
    socket.on('message', (data, isBinary) => {
      if (isBinary) {
        const { seq, bytes } = decodeOutput(data as Buffer)
        this.text += Buffer.from(bytes).toString()
        socket.send(JSON.stringify({ type: 'ack', seq: seq + bytes.length }))
        return
      }
      const event = v.parse(TerminalEvent, JSON.parse(String(data)))
      if (event.type === 'attached') {
        this.attached = event
        if (event.gap) this.text = ''
      } else if (event.type === 'failure') this.failures.push(event.message)
    })
  }

  type(text: string): void {
    const send = () => this.socket.send(Buffer.from(text))
    if (this.socket.readyState === WebSocket.CONNECTING) this.socket.once('open', send)
    else send()
  }

  /** Waits until the screen shows it. */
  until(text: string | RegExp): Promise<void> {
    return seen(text, () => this.text)
  }

  /** Waits until the server has complained in these words. */
  failed(words: RegExp): Promise<void> {
    return seen(words, () => this.failures.join('\n'))
  }
}

async function seen(wanted: string | RegExp, read: () => string, ms = 20_000): Promise<void> {
  const until = Date.now() + ms
  while (typeof wanted === 'string' ? !read().includes(wanted) : !wanted.test(read())) {
    if (Date.now() > until) throw new Error(`no ${wanted} in ${ms} ms; there was ${JSON.stringify(read())}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
