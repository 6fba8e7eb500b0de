/** The server put together: gate, site, sockets, sessions. */
import { createServer, type RequestListener } from 'node:http'
import { loadLessons } from '@docker-internals/lessons'
import { detectCgroups, requireRoot, SandboxHost } from '@docker-internals/runtime'
import { getRequestListener } from '@hono/node-server'
import type { Logger } from 'pino'
import { TERMINAL_NAME } from '../protocol/index.ts'
import { serveControl } from './control/control-connection.ts'
import { Addresses } from './gate/addresses.ts'
import { Gate } from './gate/gate.ts'
import { Token } from './gate/token.ts'
import { httpApp } from './http/app.ts'
import { Site } from './http/site.ts'
import { listen } from './listen.ts'
import { DEFAULT_IDLE, type IdleTimes } from './session/idle-clock.ts'
import { Sessions } from './session/sessions.ts'
import { Store } from './store/store.ts'
import { serveTerminal } from './terminals/index.ts'
import { acceptUpgrades } from './upgrade.ts'

export interface ServeOptions {
  readonly data: string
  readonly cache: string
  readonly host: string
  /** 0 for any free one. */
  readonly port: number
  /** Folder of the built site. */
  readonly site: string
  readonly log: Logger
  readonly publicOrigins?: readonly string[]
  readonly cgroupParent?: string
  readonly idle?: IdleTimes
  readonly onProgress?: (words: string) => void
}

export interface RunningServer {
  /** The address to open, with the token. */
  readonly url: string
  readonly port: number
  /** Sandboxes and the shells in them stay, unless asked otherwise. */
  close(options?: { stopSandboxes?: boolean }): Promise<void>
}

/** @throws WorkbookError for everything that a person can mend; nothing is left half-made then. */
export async function serve(options: ServeOptions): Promise<RunningServer> {
  const { data, cache, host, site, log } = options
  requireRoot('serve the workbook')
  const undo: (() => unknown)[] = []
  try {
    const store = new Store(data)
    undo.push(() => store.close())
    const token = Token.ofDirectory(data)
    // The port first: a second start by mistake must not wait for the first one's sandboxes.
    let answer: RequestListener = (_, response) => {
      response.writeHead(503, { 'Retry-After': '1' }).end('The workbook is starting.\n')
    }
    const server = createServer((request, response) => answer(request, response))
    const port = await listen(server, host, options.port)
    undo.push(() => server.close())
    const lessons = await loadLessons()
    const sandboxes = await SandboxHost.open({
      ...{ data, cache, log: (words) => log.info(words) },
      ...(options.cgroupParent ? { cgroupParent: options.cgroupParent } : {}),
      ...(options.onProgress ? { onProgress: options.onProgress } : {}),
    })
    undo.push(() => sandboxes.close())
    const { version: cgroup } = await detectCgroups()
    const logError = (error: unknown, words: string) => log.error({ err: error }, words)
    const sessions = new Sessions({
      ...{ host: sandboxes, store, lessons, log: logError, idle: options.idle ?? DEFAULT_IDLE },
      warn: (words) => log.warn(words),
      info: (facts, words) => log.info(facts, words),
    })
    await sessions.adopt()

    const addresses = new Addresses({ host, publicOrigins: options.publicOrigins ?? [] })
    const gate = new Gate(token, addresses, port)
    const learner = store.learner(token.hash)
    const endSockets = acceptUpgrades(server, {
      gate,
      log: (words) => log.warn(words),
      route(url) {
        const session = sessions.of(learner)
        if (url.pathname === '/api/control')
          return (socket) => serveControl(socket, session, { cgroup, log: logError })
        const name = url.pathname.match(/^\/api\/terminals\/([^/]+)$/)?.[1]
        if (name === undefined || !TERMINAL_NAME.test(name)) return null
        return (socket) => serveTerminal(socket, session, name, url.searchParams)
      },
    })
    const app = httpApp(gate, new Site(site), (error) => logError(error, 'a request failed'))
    answer = getRequestListener(app.fetch, { overrideGlobalObjects: false })

    return {
      url: `http://${urlHost(host)}:${port}/?token=${token.text}`,
      port,
      async close({ stopSandboxes = false } = {}) {
        endSockets()
        server.close()
        await sessions.end({ destroy: stopSandboxes })
        if (stopSandboxes) await sandboxes.destroyAll()
        await sandboxes.close()
        server.closeAllConnections()
        store.close()
      },
    }
  } catch (error) {
    for (const each of undo.reverse()) await each()
    throw error
  }
}

/** All interfaces is no address to open. */
function urlHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1'
  return host.includes(':') ? `[${host}]` : host
}
