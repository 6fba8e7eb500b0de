/** xterm as this workbook uses it. */
import { ClipboardAddon, type IClipboardProvider } from '@xterm/addon-clipboard'
import { FitAddon } from '@xterm/addon-fit'
import { Unicode11Addon } from '@xterm/addon-unicode11'
import { WebLinksAddon } from '@xterm/addon-web-links'
import { Terminal } from '@xterm/xterm'
import { readColours } from './colours.ts'
import type { Size } from './place.ts'

/** Lines kept on the page: more than the 512 KiB that the sandbox keeps will hold as a rule. */
const SCROLLBACK = 10_000
/** Longer than this (ms) nobody waits for a font; the terminal then starts in the next one of the list. */
const FONT_MS = 1500

/** A program may offer text to copy (OSC 52). What stands on the clipboard is none of its business. */
const clipboard: IClipboardProvider = {
  readText: async () => '',
  writeText: async (_, text) => navigator.clipboard?.writeText(text),
}

export interface Emulator {
  readonly term: Terminal
  /** How many cells there is room for; null while the element is not shown. */
  room(): Size | null
}

/** @param element must be in the document; it decides colours and font. */
export async function openEmulator(element: HTMLElement): Promise<Emulator> {
  const fontFamily = getComputedStyle(element).fontFamily
  // xterm measures its cells once: with another font in place they would be wrong for good.
  const fonts = Promise.all(['14px', 'bold 14px'].map((font) => document.fonts.load(`${font} ${fontFamily}`)))
  await Promise.race([fonts.catch(() => {}), new Promise((resolve) => setTimeout(resolve, FONT_MS))])
  const term = new Terminal({
    allowProposedApi: true, // unicode versions
    cursorBlink: !matchMedia('(prefers-reduced-motion: reduce)').matches,
    fontFamily,
    fontSize: 14,
    lineHeight: 1.25,
    minimumContrastRatio: 4.5,
    scrollback: SCROLLBACK,
    theme: readColours(element),
  })
  const fit = new FitAddon()
  term.loadAddon(fit)
  term.loadAddon(new Unicode11Addon())
  term.unicode.activeVersion = '11'
  term.loadAddon(new WebLinksAddon())
  term.loadAddon(new ClipboardAddon(undefined, clipboard))
  term.open(element)
  return {
    term,
    room() {
      if (element.clientWidth === 0 || element.clientHeight === 0) return null
      const size = fit.proposeDimensions()
      return size && Number.isFinite(size.cols) && Number.isFinite(size.rows) ? size : null
    },
  }
}
