/** One page on the control socket: its requests go to the learner's session, the session's events come back. */
import { type CgroupVersion, WorkbookError } from '@docker-internals/runtime/model'
import type { WebSocket } from 'ws'
import { type ControlEvent, ControlRequest, PROTOCOL_VERSION } from '../../protocol/index.ts'
import { readMessage } from '../read-message.ts'
import type { LearnerSession } from '../session/learner-session.ts'

/** Bytes that may wait for a page that does not read; it is then cut off and gets the whole state when it returns. */
const MOST_BUFFERED = 1024 * 1024

export interface ControlOptions {
  readonly cgroup: CgroupVersion
  readonly log: (error: unknown, words: string) => void
}

export function serveControl(
  socket: WebSocket,
  session: LearnerSession,
  { cgroup, log }: ControlOptions,
): void {
  const send = (event: ControlEvent) => {
    if (socket.bufferedAmount > MOST_BUFFERED) return socket.terminate()
    if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(event))
  }
  const fail = (error: unknown) => {
    if (!(error instanceof WorkbookError)) log(error, 'a control request failed')
    const known = error instanceof WorkbookError
    send({
      type: 'failure',
      code: known ? error.code : 'unexpected',
      message: known
        ? error.message
        : 'Something went wrong that should not have; the log of the server says more.',
    })
  }
  send({
    type: 'welcome',
    protocol: PROTOCOL_VERSION,
    cgroup,
    sandbox: session.phase,
    terminals: session.terminals(),
    progress: session.progress.all(),
  })
  send(session.sandboxEvent())
  const stopListening = session.listen(send)
  socket.on('message', (data, isBinary) => {
    try {
      handle(readMessage(ControlRequest, data as Buffer, isBinary), session, socket).catch(fail)
    } catch (error) {
      fail(error)
    }
  })
  socket.on('close', () => {
    stopListening()
    session.watcher.show(socket, null)
  })
}

async function handle(request: ControlRequest, session: LearnerSession, page: object): Promise<void> {
  switch (request.type) {
    case 'open-lesson':
      return session.watcher.show(page, request.lesson)
    case 'start-sandbox':
      await session.sandbox.ensure()
      return
    case 'check':
      return looked(await session.check(request.lesson))
    case 'answer':
      return looked(await session.answer(request.lesson, request.step, request.value))
    case 'reset-sandbox':
      return session.reset()
    case 'undo-reset':
      return session.undo()
    case 'start-here':
      return session.startHere(request.lesson, request.step)
    case 'restart-terminal':
      return session.restartTerminal(request.terminal)
    case 'close-terminal':
      return session.closeTerminal(request.terminal)
    case 'stop-processes':
      return session.stopProcesses()
    case 'merge-progress':
      return session.merge(request.done)
  }
}

function looked(sawSandbox: boolean): void {
  if (!sawSandbox)
    throw new WorkbookError({
      code: 'no-sandbox',
      expected: 'a running sandbox to look into',
      found: 'none',
      remedy: 'Open a shell first.',
    })
}
