/** Keys that a page may ask for (`key=C-c` on a fence), as a terminal sends them. */

export const KEY = /^(?:C-[a-z]|Enter|Escape|Up|Down|q)$/

const BYTES: Readonly<Record<string, string>> = {
  Enter: '\r',
  Escape: '\u001b',
  Up: '\u001b[A',
  Down: '\u001b[B',
}

/** Control characters are the letter's place in the alphabet: C-c is 3, ascii(7). */
export function keyBytes(key: string): string {
  const control = /^C-([a-z])$/.exec(key)
  return control ? String.fromCharCode(control[1]!.charCodeAt(0) - 96) : (BYTES[key] ?? key)
}
