/**
 * What a terminal host may say in JSON. The learner is root beside it and can speak in its place:
 * everything is checked here, and nothing is longer than it has to be.
 */
import * as v from 'valibot'
import { MAX_TERMINALS, TERMINAL_NAME } from '../model/terminal-limits.ts'
import { LINK_VERSION } from './wire.ts'

const Sequence = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const Name = v.pipe(v.string(), v.regex(TERMINAL_NAME))
const Instance = v.pipe(v.string(), v.regex(/^[0-9a-f]{1,32}$/))
const Extent = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1000))
const Words = v.pipe(v.string(), v.maxLength(400))

export const HostedTerminal = v.strictObject({
  name: Name,
  /** In the sandbox's pid namespace. */
  pid: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(2 ** 22)),
  instance: Instance,
  /** The shell has ended; its scrollback is still there. */
  ended: v.boolean(),
})
export type HostedTerminal = v.InferOutput<typeof HostedTerminal>

export const Hello = v.strictObject({
  version: v.literal(LINK_VERSION),
  terminals: v.pipe(v.array(HostedTerminal), v.maxLength(MAX_TERMINALS)),
})
export const Ended = v.strictObject({ name: Name })
export const Attached = v.strictObject({
  instance: Instance,
  from: Sequence,
  live: Sequence,
  gap: v.boolean(),
  modes: v.pipe(v.string(), v.maxLength(2000)),
  cols: Extent,
  rows: Extent,
})
export type Attached = v.InferOutput<typeof Attached>
export const Size = v.strictObject({ cols: Extent, rows: Extent })
export type Size = v.InferOutput<typeof Size>
export const Exit = v.strictObject({
  code: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(255)),
  signal: v.nullable(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(64))),
})
export type Exit = v.InferOutput<typeof Exit>
export const Failure = v.strictObject({ code: v.pipe(v.string(), v.regex(/^[a-z-]{1,40}$/)), message: Words })
export type Failure = v.InferOutput<typeof Failure>
export const Done = v.strictObject({ end: Sequence })

/** Largest JSON payload, in bytes: the longest honest one is a greeting with all terminals. */
const MAX_JSON_BYTES = 4096

/** @throws Error when it is not JSON of this shape. */
export function parseMessage<T>(schema: v.GenericSchema<unknown, T>, payload: Buffer): T {
  if (payload.length > MAX_JSON_BYTES) throw new Error(`a message of ${payload.length} bytes`)
  return v.parse(schema, JSON.parse(payload.toString()))
}
