/**
 * xterm pauses while it is out of sight. Rows that change then, or output that scrolls, leave its viewport with a height that
 * is no longer true, and it stays above the end of the output (xterm 6.0). When it comes into sight again, a change of rows
 * there and back has it measure anew, and a way to the top and back brings its scroll bar in line with its buffer.
 */
import type { Terminal } from '@xterm/xterm'

/** Until a change is drawn and measured (ms): it takes two frames. */
const MEASURED_MS = 60

/** @returns how to stop. */
export function measureWhenBackInSight(term: Terminal, element: HTMLElement): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  const observer = new IntersectionObserver((entries) => {
    if (!entries.at(-1)?.isIntersecting) return
    clearTimeout(timer)
    const { cols, rows } = term
    const steps = [
      () => term.resize(cols, rows + 1),
      () => term.resize(cols, term.rows - 1),
      () => term.scrollToTop(),
      () => term.scrollToBottom(),
    ]
    const next = () => {
      steps.shift()?.()
      if (steps.length > 0) timer = setTimeout(next, MEASURED_MS)
    }
    timer = setTimeout(next, MEASURED_MS)
  })
  observer.observe(element)
  return () => {
    clearTimeout(timer)
    observer.disconnect()
  }
}
