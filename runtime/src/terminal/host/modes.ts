/**
 * Follows the modes that a program puts a terminal into, from the bytes it writes.
 * A page that begins in the middle of the output (the ring has forgotten the rest) is brought into them first.
 * Sequences: https://invisible-island.net/xterm/ctlseqs/ctlseqs.html
 */
import { Rendition } from './rendition.ts'

type State = 'ground' | 'escape' | 'intermediate' | 'charset' | 'csi' | 'string' | 'string-escape'

const ESC = 0x1b
const BEL = 0x07
const CAN = 0x18
const SUB = 0x1a

/** Longest parameters looked at; longer ones are no mode changes, and a program must not make us grow. */
const MAX_PARAMETERS = 64

const ALTERNATE_SCREEN = [47, 1047, 1049]
/** Setting one of these ends the others; resetting any ends tracking. */
const MOUSE = [9, 1000, 1002, 1003]
/** DECCKM, DECSCNM, DECOM, DECAWM, cursor blink, cursor, reverse wrap, keypad, focus, mouse encodings, bracketed paste. */
const FOLLOWED = new Set([
  ...[1, 5, 6, 7, 12, 25, 45, 66, 1004, 1005, 1006, 1015, 1016, 2004],
  ...ALTERNATE_SCREEN,
  ...MOUSE,
])
const ON_BY_DEFAULT = new Set([7, 25])
/** What a soft reset (DECSTR) puts back. */
const SOFT_RESET = [1, 6, 7, 25, 66]

export class ModeTracker {
  #state: State = 'ground'
  #parameters = ''
  /** Only what differs from a fresh terminal. */
  #private = new Map<number, boolean>()
  #rendition = new Rendition()
  #insert = false
  #charset = ''
  #scrollRegion = ''
  #cursorStyle = ''

  get isGround(): boolean {
    return this.#state === 'ground'
  }

  get alternateScreen(): boolean {
    return ALTERNATE_SCREEN.some((mode) => this.#private.get(mode))
  }

  clone(): ModeTracker {
    const copy = new ModeTracker()
    copy.#state = this.#state
    copy.#parameters = this.#parameters
    copy.#private = new Map(this.#private)
    copy.#rendition = this.#rendition.clone()
    copy.#insert = this.#insert
    copy.#charset = this.#charset
    copy.#scrollRegion = this.#scrollRegion
    copy.#cursorStyle = this.#cursorStyle
    return copy
  }

  feed(bytes: Uint8Array): void {
    let at = 0
    while (at < bytes.length) {
      if (this.#state === 'ground') {
        const next = bytes.indexOf(ESC, at)
        if (next < 0) return
        this.#state = 'escape'
        at = next + 1
      } else this.#step(bytes[at++]!)
    }
  }

  /** Escape sequences that bring a fresh terminal into these modes. */
  restore(): string {
    const set = ([mode, on]: [number, boolean]) => `\x1b[?${mode}${on ? 'h' : 'l'}`
    const modes = [...this.#private]
    const isScreen = ([mode]: [number, boolean]) => ALTERNATE_SCREEN.includes(mode)
    return [
      ...modes.filter(isScreen).map(set), // first: switching screens saves and moves the cursor
      this.#scrollRegion && `\x1b[${this.#scrollRegion}r`,
      ...modes.filter((mode) => !isScreen(mode)).map(set),
      this.#insert ? '\x1b[4h' : '',
      this.#charset && `\x1b(${this.#charset}`,
      this.#cursorStyle && `\x1b[${this.#cursorStyle}q`,
      this.#rendition.restore(),
    ].join('')
  }

  #step(byte: number): void {
    if (byte === CAN || byte === SUB) this.#state = 'ground'
    else if (this.#state === 'string') {
      if (byte === BEL) this.#state = 'ground'
      else if (byte === ESC) this.#state = 'string-escape'
    } else if (this.#state === 'string-escape' && byte === 0x5c) this.#state = 'ground'
    else if (byte === ESC) this.#state = 'escape'
    else if (byte < 0x20 || byte === 0x7f)
      return // controls are executed within a sequence
    else if (this.#state === 'csi') this.#stepCsi(byte)
    else if (this.#state === 'charset') {
      this.#charset = byte === 0x42 ? '' : String.fromCharCode(byte)
      this.#state = 'ground'
    } else if (this.#state === 'intermediate') {
      if (byte >= 0x30) this.#state = 'ground'
    } else this.#stepEscape(byte)
  }

  #stepEscape(byte: number): void {
    this.#state = 'ground'
    if (byte === 0x5b) {
      this.#state = 'csi'
      this.#parameters = ''
    } else if ('P]X^_'.includes(String.fromCharCode(byte))) this.#state = 'string'
    else if (byte === 0x28) this.#state = 'charset'
    else if (byte <= 0x2f) this.#state = 'intermediate'
    else if (byte === 0x3d) this.#setPrivate(66, true)
    else if (byte === 0x3e) this.#setPrivate(66, false)
    else if (byte === 0x63) this.#reset()
  }

  #stepCsi(byte: number): void {
    if (byte < 0x40) {
      if (this.#parameters.length <= MAX_PARAMETERS) this.#parameters += String.fromCharCode(byte)
      return
    }
    this.#state = 'ground'
    if (this.#parameters.length > MAX_PARAMETERS) return
    this.#dispatch(String.fromCharCode(byte), this.#parameters)
  }

  #dispatch(final: string, parameters: string): void {
    if (final === 'm' && /^[\d;:]*$/.test(parameters)) this.#rendition.apply(parameters)
    else if ((final === 'h' || final === 'l') && parameters.startsWith('?'))
      for (const mode of parameters.slice(1).split(';')) this.#setPrivate(Number(mode), final === 'h')
    else if ((final === 'h' || final === 'l') && parameters === '4') this.#insert = final === 'h'
    else if (final === 'r' && /^\d*;?\d*$/.test(parameters)) this.#scrollRegion = parameters
    else if (final === 'q' && /^\d* $/.test(parameters)) this.#cursorStyle = parameters
    else if (final === 'p' && parameters === '!') this.#softReset()
  }

  #setPrivate(mode: number, on: boolean): void {
    if (!FOLLOWED.has(mode)) return
    for (const other of MOUSE.includes(mode) ? MOUSE : [mode]) this.#private.delete(other)
    if (on !== ON_BY_DEFAULT.has(mode)) this.#private.set(mode, on)
  }

  #softReset(): void {
    for (const mode of SOFT_RESET) this.#private.delete(mode)
    this.#rendition = new Rendition()
    this.#insert = false
    this.#charset = ''
    this.#scrollRegion = ''
  }

  #reset(): void {
    this.#softReset()
    this.#private.clear()
    this.#cursorStyle = ''
  }
}
