/**
 * The learner's session as the components see it: the store of the control socket, and what Run does,
 * which needs both the session and the dock.
 */
import { type CommandBlock, keyBytes } from '@docker-internals/runtime/model'
import { raiseSheet, showTerminal } from './dock/dock-state.ts'
import { shellName } from './dock/shell-name.ts'
import { typeInto } from './dock/type-into.ts'
import { play } from './recording.ts'

export * from './workbook/store.ts'

export type Runnable = Omit<CommandBlock, 'line'>

/** Opens the terminal that the block names and types it. @returns What happened, in words for the line below the block. */
export async function runCommand(block: Runnable): Promise<string> {
  showTerminal(block.terminal)
  const shell = shellName(block.terminal)
  // Each line is entered like a person would: carriage return, not line feed.
  const bytes = block.key ? keyBytes(block.key) : `${block.code.replaceAll('\n', '\r')}\r`
  const typed = await typeInto(block.terminal, bytes)
  if (!typed) return `${shell} did not answer, so nothing was typed.`
  return block.key ? `Pressed in ${shell}` : `Typed into ${shell}`
}

export async function playRecording(block: Runnable, output: string): Promise<void> {
  raiseSheet(true)
  play(block.code, output)
}
