/** The terminal's colours are those of the recordings: custom properties of the page. */
import type { ITheme } from '@xterm/xterm'

const ANSI = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'] as const
const BRIGHT = {
  black: 'brightBlack',
  red: 'brightRed',
  green: 'brightGreen',
  yellow: 'brightYellow',
  blue: 'brightBlue',
  magenta: 'brightMagenta',
  cyan: 'brightCyan',
  white: 'brightWhite',
} as const

export function readColours(element: Element): ITheme {
  const style = getComputedStyle(element)
  const colour = (name: string) => style.getPropertyValue(`--${name}`).trim()
  const theme: ITheme = {
    background: colour('terminal'),
    foreground: colour('terminal-ink'),
    cursor: colour('terminal-accent'),
    cursorAccent: colour('terminal-on-accent'),
    selectionBackground: `${colour('terminal-accent')}50`, // as #rrggbb, with an alpha
    scrollbarSliderBackground: colour('terminal-rule'),
    scrollbarSliderHoverBackground: colour('terminal-soft'),
    scrollbarSliderActiveBackground: colour('terminal-soft'),
  }
  for (const name of ANSI) {
    theme[name] = colour(`code-ansi-${name}`)
    theme[BRIGHT[name]] = colour(`code-ansi-bright-${name}`)
  }
  return theme
}
