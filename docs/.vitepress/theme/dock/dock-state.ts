/**
 * Which terminals are open, which one is in front, how large the dock is.
 * Module state: there is one dock, and it outlives every page.
 */

import { MAX_TERMINALS } from '@docker-internals/sandbox-server/protocol'
import { computed, reactive, readonly, ref } from 'vue'

const open = reactive(new Set<string>())
const front = ref('a')
/** On narrow screens the dock is a sheet; this is whether it is up. */
const sheetUp = ref(false)
/** The terminal that takes the keyboard as soon as it is there. */
const toFocus = ref<string | null>(null)

export const dock = readonly({ open, front, sheetUp, toFocus })
export const openTerminals = computed(() => [...open].sort())

/** Brings a terminal to the front, opening it when it is not there. */
export function showTerminal(name: string): void {
  open.add(name)
  front.value = name
  sheetUp.value = true
}

/** The same for somebody who means to type there. Run is not that: it leaves the reader in the text. */
export function pickTerminal(name: string): void {
  showTerminal(name)
  toFocus.value = name
}

export function focusTaken(): void {
  toFocus.value = null
}

/** Terminals the server knows of already: their tabs come back after a reload, without raising the sheet. */
export function rememberTerminals(names: readonly string[]): void {
  for (const name of names) open.add(name)
  if (names.length && !open.has(front.value)) front.value = names[0]!
}

export function forgetTerminal(name: string): void {
  open.delete(name)
  if (front.value === name) front.value = openTerminals.value.at(-1) ?? 'a'
}

export function raiseSheet(up: boolean): void {
  sheetUp.value = up
}

/** The first free name, or null when there are as many as a learner may have. */
export const nextFreeName = computed(() => {
  const names = Array.from({ length: MAX_TERMINALS }, (_, at) => String.fromCharCode(97 + at))
  return names.find((name) => !open.has(name)) ?? null
})
