/** Keys a page may ask for (`key=C-c` on a fence), as a person says them. */
const NAMED: Readonly<Record<string, string>> = { Escape: 'Esc', Up: '↑', Down: '↓' }

/** "C-c" is "Ctrl C". */
export function keyWords(key: string): string {
  const control = /^C-([a-z])$/.exec(key)
  return control ? `Ctrl ${control[1]!.toUpperCase()}` : (NAMED[key] ?? key)
}
