/** Keys a page may ask for (`key=C-c` on a fence): as a person says them, and as a terminal sends them. */
const NAMED: Record<string, { words: string; bytes: string }> = {
  Enter: { words: 'Enter', bytes: '\r' },
  Escape: { words: 'Esc', bytes: '\x1b' },
  Up: { words: '↑', bytes: '\x1b[A' },
  Down: { words: '↓', bytes: '\x1b[B' },
}

/** "C-c" is "Ctrl C". */
export function keyWords(key: string): string {
  const control = /^C-([a-z])$/.exec(key)
  return control ? `Ctrl ${control[1]!.toUpperCase()}` : (NAMED[key]?.words ?? key)
}

/** Control characters are the letter's place in the alphabet: C-c is 3, see ascii(7). */
export function keyBytes(key: string): string {
  const control = /^C-([a-z])$/.exec(key)
  return control ? String.fromCharCode(control[1]!.charCodeAt(0) - 96) : (NAMED[key]?.bytes ?? key)
}
