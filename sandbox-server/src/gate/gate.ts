/** Who may come in: every request and every upgrade passes here before anything is started for it. */
import type { IncomingMessage } from 'node:http'
import type { Addresses } from './addresses.ts'
import { readCookie, sessionCookieName } from './cookies.ts'
import type { Token } from './token.ts'

export class Gate {
  readonly token: Token
  readonly addresses: Addresses
  readonly port: number

  constructor(token: Token, addresses: Addresses, port: number) {
    this.token = token
    this.addresses = addresses
    this.port = port
  }

  hasSession(cookies: string | undefined): boolean {
    return this.token.matches(readCookie(cookies, sessionCookieName(this.port)))
  }

  /** Why an upgrade is refused, in a sentence; null when it may go on. */
  refusal({ headers }: Pick<IncomingMessage, 'headers'>): string | null {
    if (!this.addresses.allowsHost(headers.host)) return hostRefusal(headers.host)
    if (!headers.origin)
      return 'Expected an Origin header, found none: only pages of this workbook may connect.'
    if (!this.addresses.allowsOrigin(headers.origin, headers.host))
      return `Expected a page of this workbook, found one of ${printable(headers.origin)}.`
    if (!this.hasSession(headers.cookie))
      return 'Expected the cookie that the printed link sets, found none that fits. Open the link that the server printed.'
    return null
  }
}

export function hostRefusal(host: string | undefined): string {
  return `Expected an address of this workbook in the Host header, found ${printable(host ?? 'none')}. Open it by the address that the server printed, or allow this one with --public-url.`
}

/** What a stranger sent, fit to be shown: short and without control characters. */
function printable(text: string): string {
  return `"${text.replace(/[^\x20-\x7e]/g, '?').slice(0, 100)}"`
}
