/**
 * The token that lets a browser in. It is made once, kept in the data directory for its owner alone,
 * and stays the same across restarts so that an open page finds its way back.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { closeSync, constants, fchmodSync, openSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'

const FORM = /^[A-Za-z0-9_-]{32}$/

export class Token {
  readonly text: string
  readonly hash: Buffer

  constructor(text: string) {
    this.text = text
    this.hash = digest(text)
  }

  /** Reads `<data>/token`, or makes it (mode 600). One that does not look like a token is replaced. */
  static ofDirectory(data: string): Token {
    const file = join(data, 'token')
    try {
      const text = readFileSync(file, 'utf8').trim()
      if (FORM.test(text)) return new Token(text)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
    const text = randomBytes(24).toString('base64url')
    const { O_WRONLY, O_CREAT, O_TRUNC, O_NOFOLLOW } = constants
    const descriptor = openSync(file, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0o600)
    fchmodSync(descriptor, 0o600)
    writeSync(descriptor, `${text}\n`)
    closeSync(descriptor)
    return new Token(text)
  }

  /** Takes the same time however much of it is right. */
  matches(candidate: string | null | undefined): boolean {
    return candidate != null && timingSafeEqual(digest(candidate), this.hash)
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
