/**
 * WebSocket upgrades. Everything is decided before the 101: who may not come in gets a plain HTTP answer with
 * the reason, and nothing has been started for them.
 */
import { type IncomingMessage, type Server, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import { MAX_PAYLOAD, PING_MS } from '../protocol/index.ts'
import type { Gate } from './gate/gate.ts'

export interface UpgradeOptions {
  readonly gate: Gate
  /** What speaks on a socket of this address; null when nothing does. */
  readonly route: (url: URL) => ((socket: WebSocket) => void) | null
  /** Told of refusals and of sockets that broke the protocol; never of what was said on them. */
  readonly log: (words: string) => void
}

/** Milliseconds a page has to answer a close. */
const GOODBYE_MS = 1000
/** More pages and terminals than one person opens. */
const MOST_SOCKETS = 128

/** @returns ends all sockets, with code 1001 (going away). */
export function acceptUpgrades(server: Server, { gate, route, log }: UpgradeOptions): () => void {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_PAYLOAD, perMessageDeflate: false })

  server.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    stream.on('error', () => stream.destroy())
    const refuse = (status: number, reason: string) => {
      log(`upgrade refused: ${reason}`)
      const body = `${reason}\n`
      stream.end(
        `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\n` +
          `X-Content-Type-Options: nosniff\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
      )
    }
    const refusal = gate.refusal(request)
    if (refusal) return refuse(403, refusal)
    const url = URL.parse(request.url ?? '/', 'http://workbook')
    const speak = url && route(url)
    if (!speak) return refuse(404, 'Expected /api/control or /api/terminals/<a-h>, found another address.')
    if (sockets.clients.size >= MOST_SOCKETS)
      return refuse(503, `Expected at most ${MOST_SOCKETS} connections, found one more. Close some pages.`)
    sockets.handleUpgrade(request, stream, head, (socket) => {
      keepAlive(socket)
      socket.on('error', (error) => log(`socket ended: ${error.message}`))
      speak(socket)
    })
  })

  return () => {
    for (const socket of sockets.clients) {
      socket.close(1001, 'The server is stopping.')
      setTimeout(() => socket.terminate(), GOODBYE_MS).unref()
    }
  }
}

/** A peer that has not answered by the next ping is gone; also keeps proxies from closing a quiet connection. */
function keepAlive(socket: WebSocket): void {
  let heard = true
  socket.on('pong', () => {
    heard = true
  })
  const timer = setInterval(() => {
    if (!heard) return socket.terminate()
    heard = false
    socket.ping()
  }, PING_MS)
  socket.on('close', () => clearInterval(timer))
}
