/** From bytes of a stranger to a message, or to a sentence that says what was wrong with them. */
import { WorkbookError } from '@docker-internals/runtime/model'
import * as v from 'valibot'

/** For what the schema library has no words that help. */
const WORDS: Readonly<Record<string, string>> = {
  variant: 'a type of message that there is',
  integer: 'a whole number',
  safe_integer: 'a whole number',
}

/** @throws WorkbookError `malformed-message` */
export function readMessage<T>(schema: v.GenericSchema<unknown, T>, data: Uint8Array, isBinary: boolean): T {
  if (isBinary) throw malformed('a text message', 'a binary one')
  let json: unknown
  try {
    json = JSON.parse(Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString())
  } catch {
    throw malformed('a JSON object', 'text that is not JSON')
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw malformed('a JSON object', Array.isArray(json) ? 'a list' : String(json).slice(0, 80))
  const parsed = v.safeParse(schema, json)
  if (parsed.success) return parsed.output
  const issue = parsed.issues[0]
  const where = v.getDotPath(issue)
  if (where && issue.received === 'undefined') throw malformed(`"${where}"`, 'nothing')
  if (where && issue.received === `"${where}"`)
    throw malformed('no fields but those of the message', issue.received)
  // A regular expression or a list of all message types would not help anybody.
  const wanted = WORDS[issue.type] ?? issue.expected ?? 'a message that there is'
  throw malformed(where ? `"${where}" to be ${wanted}` : wanted, issue.received.slice(0, 80))
}

function malformed(expected: string, found: string): WorkbookError {
  return new WorkbookError({
    code: 'malformed-message',
    expected,
    found,
    remedy: 'docs/reference/protocol.md lists the messages.',
  })
}
