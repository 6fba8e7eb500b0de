/** Lessons name terminals a, b, c; people see shell 1, shell 2, shell 3. */
export function shellName(terminal: string): string {
  return `shell ${terminal.charCodeAt(0) - 96}`
}
