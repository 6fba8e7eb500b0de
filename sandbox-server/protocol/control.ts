/**
 * The control socket: `GET /api/control`, upgraded to WebSocket. Text messages, JSON, one object each.
 * It carries everything about a learner's work but the terminal bytes: the sandbox's state, verdicts, progress.
 */
import * as v from 'valibot'
import { TERMINAL_NAME } from './limits.ts'

const LessonId = v.pipe(v.string(), v.regex(/^[a-z0-9-]{1,64}$/))
const StepId = v.pipe(v.string(), v.regex(/^[a-z0-9-]{1,64}$/))
const TerminalName = v.pipe(v.string(), v.regex(TERMINAL_NAME))

export const ControlRequest = v.variant('type', [
  /** The page shows this lesson (null: none). Its steps are checked from now on. */
  v.strictObject({ type: v.literal('open-lesson'), lesson: v.nullable(LessonId) }),
  /** Start the sandbox if it is not running. Opening a terminal does the same. */
  v.strictObject({ type: v.literal('start-sandbox') }),
  /** Check now instead of when the terminal has settled. */
  v.strictObject({ type: v.literal('check'), lesson: LessonId }),
  v.strictObject({
    type: v.literal('answer'),
    lesson: LessonId,
    step: StepId,
    value: v.pipe(v.string(), v.maxLength(256)),
  }),
  /** Throw the sandbox away and start a fresh one. The old one is kept frozen for `undo-reset`. */
  v.strictObject({ type: v.literal('reset-sandbox') }),
  v.strictObject({ type: v.literal('undo-reset') }),
  /** A fresh sandbox with the solutions of the steps before this one typed into the first terminal. */
  v.strictObject({ type: v.literal('start-here'), lesson: LessonId, step: StepId }),
  v.strictObject({ type: v.literal('restart-terminal'), terminal: TerminalName }),
  v.strictObject({ type: v.literal('close-terminal'), terminal: TerminalName }),
  /** Kill every process in the sandbox but its init and terminal host. */
  v.strictObject({ type: v.literal('stop-processes') }),
  /** Progress the page remembers from when there was no server; merged, never taken away. */
  v.strictObject({
    type: v.literal('merge-progress'),
    done: v.pipe(
      v.array(v.strictObject({ lesson: LessonId, step: StepId, at: v.number() })),
      v.maxLength(1000),
    ),
  }),
])
export type ControlRequest = v.InferOutput<typeof ControlRequest>

export const SandboxPhase = v.picklist(['none', 'starting', 'running', 'frozen', 'failed'])
export type SandboxPhase = v.InferOutput<typeof SandboxPhase>

export const StepVerdict = v.strictObject({
  step: v.string(),
  passed: v.boolean(),
  expected: v.string(),
  seen: v.string(),
})
export type StepVerdict = v.InferOutput<typeof StepVerdict>

/** `done`: the learner did it (latched). `prepared`: "start here" did it. */
export const ProgressEntry = v.strictObject({
  lesson: v.string(),
  step: v.string(),
  state: v.picklist(['done', 'prepared']),
  /** Milliseconds since the epoch. */
  at: v.number(),
})
export type ProgressEntry = v.InferOutput<typeof ProgressEntry>

export const ControlEvent = v.variant('type', [
  /** First message. */
  v.strictObject({
    type: v.literal('welcome'),
    protocol: v.number(),
    cgroup: v.picklist(['v1', 'v2']),
    sandbox: SandboxPhase,
    terminals: v.array(v.string()),
    progress: v.array(ProgressEntry),
  }),
  v.strictObject({
    type: v.literal('sandbox'),
    phase: SandboxPhase,
    /** What is happening or went wrong, in a sentence; empty when there is nothing to say. */
    message: v.string(),
    terminals: v.array(v.string()),
    /** Until when (ms since the epoch) a reset can be undone; null when there is nothing to undo. */
    undoUntil: v.nullable(v.number()),
  }),
  v.strictObject({
    type: v.literal('verdicts'),
    lesson: v.string(),
    at: v.number(),
    verdicts: v.array(StepVerdict),
  }),
  v.strictObject({ type: v.literal('progress'), entries: v.array(ProgressEntry) }),
  /** How far "start here" is. `total` commands; finished when done equals total. */
  v.strictObject({
    type: v.literal('preparing'),
    lesson: v.string(),
    step: v.string(),
    done: v.number(),
    total: v.number(),
  }),
  v.strictObject({ type: v.literal('failure'), code: v.string(), message: v.string() }),
])
export type ControlEvent = v.InferOutput<typeof ControlEvent>
