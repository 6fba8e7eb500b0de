/**
 * One page at one terminal: passes bytes on between its socket and the terminal host in the learner's sandbox.
 * It holds nothing back: the page acknowledges what it has parsed, and the host sends no more than the window allows.
 */
import type { TerminalSink, Viewer } from '@docker-internals/runtime'
import { WorkbookError } from '@docker-internals/runtime/model'
import type { WebSocket } from 'ws'
import { type TerminalEvent, TerminalRequest } from '../../protocol/index.ts'
import { readMessage } from '../read-message.ts'
import type { LearnerSession } from '../session/learner-session.ts'
import { readPlace } from './place.ts'

/** Messages a page may send before its shell is there; more is a page that does not wait. */
const MAX_EARLY = 64

/** The page should dial again: 1012 is "service restart" of RFC 6455's registry. */
const DIAL_AGAIN = 1012

export function serveTerminal(
  socket: WebSocket,
  session: LearnerSession,
  name: string,
  query: URLSearchParams,
): void {
  const send = (event: TerminalEvent) => socket.send(JSON.stringify(event))
  const sink: TerminalSink = {
    attached: (event) => send({ type: 'attached', ...event }),
    output: (message) => socket.send(message),
    size: (size) => send({ type: 'size', ...size }),
    exit: (exit) => send({ type: 'exit', ...exit }),
    failure: (failure) => send({ type: 'failure', ...failure }),
    lost: () => socket.close(DIAL_AGAIN, 'The terminal is gone; dial again.'),
  }
  const fail = (error: unknown) => {
    const known = error instanceof WorkbookError
    send({
      type: 'failure',
      code: known ? error.code : 'unexpected',
      message: known ? error.message : 'The terminal could not be opened; the log of the server says why.',
    })
  }

  let viewer: Viewer | null = null
  const early: [Buffer, boolean][] = []
  const take = (data: Buffer, isBinary: boolean) => {
    if (!viewer) {
      if (early.length < MAX_EARLY) early.push([data, isBinary])
    } else if (isBinary) viewer.write(data)
    else obey(viewer, data)
  }
  const obey = (at: Viewer, data: Buffer) => {
    try {
      const request = readMessage(TerminalRequest, data, false)
      if (request.type === 'ack') at.acknowledge(request.seq)
      else at.resize(request.cols, request.rows)
    } catch (error) {
      fail(error)
    }
  }

  // Not before it is attached: making the first sandbox must not cut off the page that asked for it.
  let forget = () => {}
  socket.on('message', (data, isBinary) => take(data as Buffer, isBinary))
  socket.on('close', () => {
    forget()
    viewer?.detach()
    viewer = null
  })
  void open()

  async function open(): Promise<void> {
    try {
      const { link } = await session.sandbox.ensure()
      await link.whenConnected()
      if (socket.readyState !== socket.OPEN) return
      viewer = link.attach(name, readPlace(query), sink)
      forget = session.addTerminal(() => socket.close(DIAL_AGAIN, 'Another sandbox is current now.'))
      for (const [data, isBinary] of early.splice(0)) take(data, isBinary)
    } catch (error) {
      if (socket.readyState !== socket.OPEN) return
      fail(error)
      socket.close(1011, 'The terminal could not be opened.')
    }
  }
}
