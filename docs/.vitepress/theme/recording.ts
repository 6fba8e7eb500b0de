/** What the read-only edition's dock is asked to play. */
import { shallowRef } from 'vue'

export interface Played {
  readonly id: number
  readonly command: string
  /** Highlighted HTML, made by the build. */
  readonly output: string
}

export const playing = shallowRef<Played | null>(null)

let count = 0

export function play(command: string, output: string): void {
  playing.value = { id: ++count, command, output }
}
