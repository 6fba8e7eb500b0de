import { expect, it } from 'vitest'
import { ControlRequest } from '../protocol/index.ts'
import { readMessage } from './read-message.ts'

const read = (text: string) => readMessage(ControlRequest, Buffer.from(text), false)

it('reads a request', () => {
  expect(read('{"type":"check","lesson":"pids-max"}')).toEqual({ type: 'check', lesson: 'pids-max' })
})

it.each([
  ['{', 'Expected a JSON object, found text that is not JSON.'],
  ['[]', 'Expected a JSON object, found a list.'],
  ['null', 'Expected a JSON object, found null.'],
  ['{}', 'Expected "type", found nothing.'],
  ['{"type":"nope"}', 'Expected "type" to be a type of message that there is, found "nope".'],
  ['{"type":"check"}', 'Expected "lesson", found nothing.'],
  ['{"type":"check","lesson":"../x"}', 'found "../x".'],
  ['{"type":"check","lesson":"x","more":1}', 'Expected no fields but those of the message, found "more".'],
  ['{"type":"restart-terminal","terminal":"z"}', 'found "z".'],
  [
    `{"type":"answer","lesson":"l","step":"s","value":"${'x'.repeat(257)}"}`,
    'Expected "value" to be <=256, found 257.',
  ],
])('says what is wrong with %s', (text, words) => {
  expect(() => read(text)).toThrow(words)
})

it('refuses bytes', () => {
  expect(() => readMessage(ControlRequest, new Uint8Array([1]), true)).toThrow(
    'Expected a text message, found a binary one.',
  )
})
