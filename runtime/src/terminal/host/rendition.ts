/** Colours and attributes in force (SGR), kept as one setting per kind so that they cannot grow. */

const KINDS: readonly (readonly [RegExp, string])[] = [
  [/^(3[0-8]|39|9[0-7])$/, 'foreground'],
  [/^(4[0-8]|49|10[0-7])$/, 'background'],
  [/^(1|2|22)$/, 'weight'],
  [/^(3|23)$/, 'italic'],
  [/^(4|21|24)$/, 'underline'],
  [/^(5|6|25)$/, 'blink'],
  [/^(7|27)$/, 'inverse'],
  [/^(8|28)$/, 'hidden'],
  [/^(9|29)$/, 'struck'],
  [/^(53|55)$/, 'overline'],
  [/^(58|59)$/, 'underline colour'],
]
const OFF = new Set(['22', '23', '24', '25', '27', '28', '29', '39', '49', '55', '59'])

export class Rendition {
  #settings = new Map<string, string>()

  clone(): Rendition {
    const copy = new Rendition()
    copy.#settings = new Map(this.#settings)
    return copy
  }

  /** @param parameters what stands between `CSI` and `m`: digits, `;` and `:`. */
  apply(parameters: string): void {
    const parts = parameters.split(';')
    for (let at = 0; at < parts.length; at++) {
      const code = parts[at]!.split(':')[0]!
      let text = parts[at]!
      // 38;5;n and 38;2;r;g;b take what follows; with colons they are one part.
      if (/^(38|48|58)$/.test(text)) {
        const taken = parts[at + 1] === '5' ? 2 : parts[at + 1] === '2' ? 4 : 0
        text = parts.slice(at, at + taken + 1).join(';')
        at += taken
      }
      this.#set(code, text)
    }
  }

  restore(): string {
    return this.#settings.size ? `\x1b[${[...this.#settings.values()].join(';')}m` : ''
  }

  #set(code: string, text: string): void {
    const kind = KINDS.find(([pattern]) => pattern.test(code))?.[1]
    if (code === '' || code === '0') this.#settings.clear()
    else if (kind === undefined) return
    else if (OFF.has(code) || text === '4:0') this.#settings.delete(kind)
    else this.#settings.set(kind, text)
  }
}
