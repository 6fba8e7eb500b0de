/**
 * Marks beside the prompts, from the shell's semantic prompts (OSC 133: A prompt, C output, D end with the exit status).
 * Anybody can print them and `sh` does not, so they decorate and nothing depends on them.
 * https://gitlab.freedesktop.org/Per_Bothner/specifications/blob/master/proposals/semantic-prompts.md
 */
import type { IDecoration, Terminal } from '@xterm/xterm'

/** Each mark is an element of the page for as long as it lives. */
const MAX_MARKS = 300

interface Mark {
  readonly decoration: IDecoration
  status: 'none' | 'ok' | 'bad'
}

export function markPrompts(term: Terminal): void {
  const marks: Mark[] = []
  let hasRun = false

  term.parser.registerOscHandler(133, (data) => {
    const [kind, status] = data.split(';')
    if (kind === 'A') begin()
    else if (kind === 'C') hasRun = true
    else if (kind === 'D' && hasRun) end(status === '0')
    return true
  })

  function begin() {
    hasRun = false
    const last = marks.at(-1)?.decoration.marker
    const buffer = term.buffer.active
    // The line editor draws its prompt again now and then.
    if (last && !last.isDisposed && last.line === buffer.baseY + buffer.cursorY) return
    const marker = term.registerMarker(0)
    const decoration = marker && term.registerDecoration({ marker, width: 1 })
    if (!decoration) return // the alternate screen has no scrollback to find a way in
    const mark: Mark = { decoration, status: 'none' }
    decoration.onRender((element) => paint(element, mark.status))
    decoration.onDispose(() => {
      const at = marks.indexOf(mark)
      if (at >= 0) marks.splice(at, 1)
    })
    marks.push(mark)
    if (marks.length > MAX_MARKS) marks[0]!.decoration.dispose()
  }

  function end(isOk: boolean) {
    const mark = marks.at(-1)
    if (!mark) return
    mark.status = isOk ? 'ok' : 'bad'
    if (mark.decoration.element) paint(mark.decoration.element, mark.status)
  }
}

function paint(element: HTMLElement, status: Mark['status']): void {
  element.classList.add('prompt-mark')
  element.classList.toggle('ok', status === 'ok')
  element.classList.toggle('bad', status === 'bad')
}
