/** Keys that the page keeps for itself; all others go to the program. */
import type { Terminal } from '@xterm/xterm'

/** Two presses of Escape within this time (ms) leave the terminal: Tab belongs to the shell. */
const LEAVE_MS = 500
const ESCAPE = '\x1b'

/** @param leave moves the focus out of the terminal. */
export function keepKeys(term: Terminal, leave: () => void): void {
  let escaped: ReturnType<typeof setTimeout> | undefined
  let isHeld = false

  function press() {
    // A line editor takes the key after Escape for a command, so it must not see one that was meant to leave.
    // Programs that fill the screen end a mode with it and get it at once.
    isHeld = term.buffer.active.type === 'normal'
    if (!isHeld) term.input(ESCAPE)
    escaped = setTimeout(settle, LEAVE_MS)
  }
  function settle() {
    clearTimeout(escaped)
    escaped = undefined
    if (isHeld) term.input(ESCAPE)
    isHeld = false
  }

  term.attachCustomKeyEventHandler((event) => {
    if (event.type !== 'keydown') return true
    const isPlain = !event.ctrlKey && !event.altKey && !event.metaKey && !event.shiftKey
    if (event.key === 'Escape' && isPlain && !event.repeat) {
      event.preventDefault()
      if (!escaped) press()
      else {
        isHeld = false
        settle()
        leave()
      }
      return false
    }
    if (escaped) settle()
    return !copies(term, event)
  })
  // The next Ctrl-C is an interrupt again.
  term.element?.addEventListener('copy', () => setTimeout(() => term.clearSelection()))
}

/** Without a selection Ctrl-C is an interrupt. Ctrl-Shift-V is the browser's own paste. */
function copies(term: Terminal, event: KeyboardEvent): boolean {
  if (event.key.toLowerCase() !== 'c' || event.altKey || !(event.ctrlKey || event.metaKey)) return false
  if (!event.shiftKey) return term.hasSelection() // and the browser fires `copy`, which xterm answers
  event.preventDefault() // of the browser's developer tools
  document.execCommand('copy') // fires `copy`; unlike the clipboard's own interface on plain http, too
  return true
}
