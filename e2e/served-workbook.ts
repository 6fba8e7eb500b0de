/** The real server in a process of its own, on a data directory of its own, so that a test can kill it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const ROOT = join(import.meta.dirname, '..')

export class ServedWorkbook {
  readonly data = mkdtempSync('/var/tmp/docker-internals-e2e-')
  readonly port: number
  /** The address with its token, as the server printed it. */
  url = ''
  #child: ChildProcess | null = null
  #log = ''

  private constructor(port: number) {
    this.port = port
  }

  static async start(): Promise<ServedWorkbook> {
    const workbook = new ServedWorkbook(await freePort())
    await workbook.start()
    return workbook
  }

  async start(): Promise<void> {
    const args = [join(ROOT, 'sandbox-server/src/main.ts'), '--port', String(this.port), '--data', this.data]
    args.push('--site', join(ROOT, 'docs/.vitepress/dist'))
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    this.#child = child
    child.stderr!.on('data', (chunk) => {
      this.#log = (this.#log + chunk).slice(-20_000)
    })
    const ended = once(child, 'exit').then(([code]) => {
      throw new Error(`the server ended with code ${code} before it was ready:\n${this.#log}`)
    })
    ended.catch(() => {}) // it ends one day; only an early end is of interest
    const ready = (async () => {
      for await (const line of createInterface({ input: child.stdout! }))
        if (line.startsWith('Workbook ready: ')) return line.slice('Workbook ready: '.length)
      throw new Error(`the server closed its output before it was ready:\n${this.#log}`)
    })()
    this.url = await Promise.race([ready, ended])
  }

  /** Kill -9: no goodbye, nothing flushed. */
  async kill(): Promise<void> {
    const child = this.#child!
    child.kill('SIGKILL')
    await once(child, 'exit')
  }

  /** Ends the server, and its sandboxes with it, and removes all it wrote. */
  async destroy(): Promise<void> {
    const { SandboxHost } = await import('@docker-internals/runtime')
    const child = this.#child
    if (child && child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM')
      await once(child, 'exit')
    }
    const host = await SandboxHost.open({ data: this.data })
    await host.destroyAll()
    await host.close()
    rmSync(this.data, { recursive: true, force: true })
  }

  get log(): string {
    return this.#log
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  return port
}
