/** How the checks say what they found. Sentences that fail hold no pid or inode: they must read the same on every run. */
import type { Check, CheckKind, Observation, Verdict } from '../model/index.ts'

export function check(kind: CheckKind, observe: (observation: Observation) => Promise<Verdict>): Check {
  return { kind, observe }
}

/** `seen` is a whole clause: the page shows it alone, under "The kernel says". */
export const passed = (expected: string, seen: string): Verdict => ({ passed: true, expected, seen })
/** `seen` goes on from `expected` after a comma: "pids.max of /lfnw to be 2", "it is 20". */
export const failed = (expected: string, seen: string): Verdict => ({ passed: false, expected, seen })

/** "a", "a and b", "a, b and c"; long lists end in "and 7 more". */
export function list(words: readonly string[], most = 4): string {
  const shown = words.length > most ? [...words.slice(0, most), `${words.length - most} more`] : words
  return shown.length < 2 ? (shown[0] ?? 'nothing') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`
}

/** A name or value that the learner chose, fit to be shown: no control characters, not endless. */
export function shown(text: string, most = 60): string {
  const plain = text.replace(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, '\ufffd')
  return plain.length > most ? `${plain.slice(0, most)}…` : plain
}
