/**
 * What the page knows of the learner's work: one reactive store for all components.
 * Module state, like the dock: there is one learner in one page. Nothing happens until `connect()`,
 * which the theme calls once the page lives; on the server side of the build every value stands still.
 */
import type {
  ControlEvent,
  ControlRequest,
  ProgressEntry,
  SandboxPhase,
  StepVerdict,
} from '@docker-internals/sandbox-server/protocol'
import { computed, reactive, ref, shallowRef } from 'vue'
import { ControlSocket, type Socket } from './control.ts'
import { keep, readKept } from './kept-progress.ts'
import { probe } from './probe.ts'

/** `static`: no server. `refused`: a server that does not know this browser; its link with the token is needed. */
export type Mode = 'static' | 'connecting' | 'connected' | 'lost' | 'refused'

export interface Surroundings {
  /** The site's base, "/" or "/something/". */
  readonly base: string
  readonly cookies: () => string
  readonly fetch: typeof fetch
  readonly connect: () => Socket
  readonly storage: Storage | undefined
}

const WORDS: Readonly<Record<Mode, string>> = {
  static: 'Read-only edition: recordings in place of a shell.',
  connecting: 'Connecting to your sandbox.',
  connected: 'Connected.',
  lost: 'The connection is gone. Your shell goes on; trying again.',
  refused: 'This server does not know your browser. Open the link that it printed when it started.',
}

export const mode = ref<Mode>('connecting')
/** The connection in a sentence. */
export const words = computed(() => WORDS[mode.value])
/** When (ms since the epoch) the next attempt begins; null when none is waiting. */
export const retryAt = ref<number | null>(null)
/** Recordings in place of terminals. */
export const isReadOnly = computed(() => mode.value === 'static' || mode.value === 'refused')
/** The same for components that only tell four states apart. */
export const connection = computed(() => ({
  is: mode.value === 'static' || mode.value === 'refused' ? ('none' as const) : mode.value,
  retryAt: retryAt.value,
}))
/** The control groups of the sandbox; null until a server has said. */
export const sandboxVersion = ref<'v1' | 'v2' | null>(null)
export const sandbox = ref<{
  phase: SandboxPhase
  message: string
  terminals: string[]
  undoUntil: number | null
}>({
  phase: 'none',
  message: '',
  terminals: [],
  undoUntil: null,
})
/** "Start here" under way; null when it is not. */
export const preparing = shallowRef<{ lesson: string; step: string; done: number; total: number } | null>(
  null,
)
export const failure = shallowRef<{ code: string; message: string } | null>(null)
/** Lessons whose check was asked for and not yet answered. */
export const checking = reactive(new Set<string>())

const verdicts = reactive(new Map<string, StepVerdict>())
const progress = reactive(new Map<string, ProgressEntry>())
const key = (lesson: string, step: string) => `${lesson}/${step}`

export const verdictOf = (lesson: string, step: string): StepVerdict | undefined =>
  verdicts.get(key(lesson, step))
export const entryOf = (lesson: string, step: string): ProgressEntry | undefined =>
  progress.get(key(lesson, step))

let surroundings: Surroundings | null = null
let socket: ControlSocket | null = null
let shownLesson: string | null = null

/** Called once by the theme, in the browser. A second call does nothing. */
export async function connect(around: Surroundings = ofThisPage()): Promise<void> {
  if (surroundings) return
  surroundings = around
  addEntries(readKept(around.storage))
  const found = await probe(around.base, around.cookies(), around.fetch)
  if (found === 'static' || found === 'refused') {
    mode.value = found
    return
  }
  socket = new ControlSocket({
    connect: around.connect,
    worthTrying: async () => {
      if ((await probe(around.base, around.cookies(), around.fetch)) !== 'refused') return true
      mode.value = 'refused'
      return false
    },
    onState: (state, at) => {
      mode.value = state
      retryAt.value = at
      if (state === 'lost') checking.clear()
    },
    onEvent: take,
  })
  socket.start()
}

/** Ends the connection and forgets everything; for tests. */
export function disconnect(): void {
  socket?.stop()
  socket = null
  surroundings = null
  shownLesson = null
  verdicts.clear()
  progress.clear()
  checking.clear()
  mode.value = 'connecting'
  sandbox.value = { phase: 'none', message: '', terminals: [], undoUntil: null }
  sandboxVersion.value = preparing.value = failure.value = retryAt.value = null
}

export function reconnectNow(): void {
  socket?.retryNow()
}

export function openLesson(lesson: string): void {
  shownLesson = lesson
  socket?.send({ type: 'open-lesson', lesson })
}

/** The next lesson's page opens before the one before it closes: only the one that is shown counts. */
export function closeLesson(lesson: string): void {
  if (shownLesson !== lesson) return
  shownLesson = null
  socket?.send({ type: 'open-lesson', lesson: null })
}

export function check(lesson: string): void {
  if (send({ type: 'check', lesson })) checking.add(lesson)
}

export const answer = (lesson: string, step: string, value: string) => {
  if (send({ type: 'answer', lesson, step, value })) checking.add(lesson)
}
export const startHere = (lesson: string, step: string) => void send({ type: 'start-here', lesson, step })
export const startSandbox = () => void send({ type: 'start-sandbox' })
export const resetSandbox = () => void send({ type: 'reset-sandbox' })
export const undoReset = () => void send({ type: 'undo-reset' })
export const stopProcesses = () => void send({ type: 'stop-processes' })
export const restartTerminal = (terminal: string) => void send({ type: 'restart-terminal', terminal })
export const closeTerminal = (terminal: string) => void send({ type: 'close-terminal', terminal })
export const dismissFailure = () => {
  failure.value = null
}

/** What a learner asked for is never dropped in silence. */
function send(request: ControlRequest): boolean {
  if (socket?.send(request)) return true
  if (!isReadOnly.value)
    failure.value = {
      code: 'not-connected',
      message: 'The connection is gone, so nothing was done. Try again when it is back.',
    }
  return false
}

function take(event: ControlEvent): void {
  switch (event.type) {
    case 'welcome': {
      sandboxVersion.value = event.cgroup
      sandbox.value = { ...sandbox.value, phase: event.sandbox, terminals: event.terminals }
      const unknown = unknownTo(event.progress)
      addEntries(event.progress)
      if (unknown.length > 0) socket?.send({ type: 'merge-progress', done: unknown })
      if (shownLesson) socket?.send({ type: 'open-lesson', lesson: shownLesson })
      if (failure.value?.code === 'not-connected') failure.value = null
      break
    }
    case 'sandbox': {
      const { type: _, ...state } = event
      sandbox.value = state
      if (state.phase === 'failed') preparing.value = null
      break
    }
    case 'verdicts':
      for (const verdict of event.verdicts) verdicts.set(key(event.lesson, verdict.step), verdict)
      checking.delete(event.lesson)
      break
    case 'progress':
      addEntries(event.entries)
      break
    case 'preparing':
      preparing.value = event.done >= event.total ? null : event
      break
    case 'failure':
      failure.value = event
      checking.clear()
      preparing.value = null
  }
}

/** What was done before there was a server, or while it was away. */
function unknownTo(served: readonly ProgressEntry[]) {
  const known = new Set(
    served.filter(({ state }) => state === 'done').map(({ lesson, step }) => key(lesson, step)),
  )
  return [...progress.values()]
    .filter((entry) => entry.state === 'done' && !known.has(key(entry.lesson, entry.step)))
    .map(({ lesson, step, at }) => ({ lesson, step, at }))
    .slice(0, 1000)
}

/** Done is never taken back, not even by "prepared". */
function addEntries(entries: readonly ProgressEntry[]): void {
  for (const entry of entries) {
    const known = progress.get(key(entry.lesson, entry.step))
    if (known?.state !== 'done' || entry.state === 'done') progress.set(key(entry.lesson, entry.step), entry)
  }
  if (surroundings) keep(surroundings.storage, [...progress.values()])
}

function ofThisPage(): Surroundings {
  const base = import.meta.env.BASE_URL
  return {
    base,
    cookies: () => document.cookie,
    fetch: (input, init) => fetch(input, init),
    connect: () =>
      new WebSocket(
        `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}${base}api/control`,
      ) as Socket,
    storage: storageOrNone(),
  }
}

/** Reading `localStorage` throws where a browser forbids it. */
function storageOrNone(): Storage | undefined {
  try {
    return localStorage
  } catch {
    return undefined
  }
}
