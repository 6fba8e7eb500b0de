/** The two cookies: one that lets in and that no script can read, one that tells a page that a server is here. */

/** Cookies do not know ports: two workbooks on one machine must not sign each other out. */
export function sessionCookieName(port: number): string {
  return `workbook-session-${port}`
}

/** 400 days, the most that browsers keep a cookie. */
const MAX_AGE = 400 * 24 * 3600

export function sessionCookie(port: number, token: string): string {
  return `${sessionCookieName(port)}=${token}; Path=/; Max-Age=${MAX_AGE}; HttpOnly; SameSite=Strict`
}

/** Read by the page's probe.ts. */
export const SERVED_COOKIE = 'workbook-server=1; Path=/; SameSite=Strict'

/** The value of a cookie in a `Cookie` header (RFC 6265, section 4.2.1); null when it is not there. */
export function readCookie(header: string | undefined, name: string): string | null {
  for (const pair of header?.split(';') ?? []) {
    const at = pair.indexOf('=')
    if (at > 0 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim()
  }
  return null
}
