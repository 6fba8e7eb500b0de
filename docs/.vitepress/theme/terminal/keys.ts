/** Keys that the page keeps for itself; all others go to the program. */
import type { Terminal } from '@xterm/xterm'

/** Two presses of Escape within this time (ms) leave the terminal: Tab belongs to the shell. */
const LEAVE_MS = 500

/** @param leave moves the focus out of the terminal. */
export function keepKeys(term: Terminal, leave: () => void): void {
  let escapedAt = Number.NEGATIVE_INFINITY
  term.attachCustomKeyEventHandler((event) => {
    if (event.type !== 'keydown') return true
    if (event.key === 'Escape' && !event.repeat) {
      const isSecond = event.timeStamp - escapedAt <= LEAVE_MS
      escapedAt = isSecond ? Number.NEGATIVE_INFINITY : event.timeStamp
      if (!isSecond) return true
      event.preventDefault()
      leave()
      return false
    }
    escapedAt = Number.NEGATIVE_INFINITY
    const wantsCopy = event.key.toLowerCase() === 'c' && (event.ctrlKey || event.metaKey) && !event.altKey
    if (!wantsCopy) return true // with Shift, Ctrl-V is the browser's own paste
    if (event.shiftKey) {
      event.preventDefault() // of the browser's developer tools
      document.execCommand('copy') // fires `copy`, which xterm answers with its selection, on plain http too
      return false
    }
    // The browser goes on to fire `copy`; without a selection the key is an interrupt.
    return !term.hasSelection()
  })
  // The next Ctrl-C is an interrupt again.
  term.element?.addEventListener('copy', () => setTimeout(() => term.clearSelection()))
}
