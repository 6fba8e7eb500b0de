/** Everything that is plain HTTP: the site, the link with the token, `/healthz`. */
import { readFile } from 'node:fs/promises'
import { type Context, Hono } from 'hono'
import { SERVED_COOKIE, sessionCookie } from '../gate/cookies.ts'
import { type Gate, hostRefusal } from '../gate/gate.ts'
import { contentSecurityPolicy } from './content-security.ts'
import { sentencePage } from './sentence-page.ts'
import type { Encoding, Site, SiteFile } from './site.ts'

const SUFFIX: Readonly<Record<Encoding, string>> = { br: '.br', gzip: '.gz' }

/** @param onError told of faults of ours; the browser gets a sentence without details. */
export function httpApp(gate: Gate, site: Site, onError: (error: unknown) => void = () => {}): Hono {
  const app = new Hono()

  app.onError((error, c) => {
    onError(error)
    return sentencePage(c, 500, 'Something went wrong that should not have; the log of the server says more.')
  })

  app.use(async (c, next) => {
    const host = c.req.header('host')
    if (!gate.addresses.allowsHost(host)) return c.text(hostRefusal(host), 403)
    await next()
    c.header('X-Content-Type-Options', 'nosniff')
    // The address may carry the token until it is redirected away.
    c.header('Referrer-Policy', 'no-referrer')
    c.header('Cross-Origin-Opener-Policy', 'same-origin')
    c.header('Cross-Origin-Resource-Policy', 'same-origin')
  })

  app.get('/healthz', (c) => {
    c.header('Cache-Control', 'no-store')
    return c.json({ workbook: true, session: gate.hasSession(c.req.header('cookie')) })
  })

  app.all('/api/*', (c) =>
    c.text('Expected a WebSocket upgrade to /api/control or /api/terminals/<a-h>.', 404),
  )

  app.get('*', async (c) => {
    const url = new URL(c.req.url)
    const token = url.searchParams.get('token')
    if (token !== null) return enter(c, gate, url, token)
    const { built, file } = site.find(decoded(url.pathname))
    if (!built)
      return sentencePage(
        c,
        503,
        'The site has not been built yet. Run "npm start", which builds it, or "npm run build".',
      )
    if (file) return serveFile(c, file, 200)
    if (site.find(`${decoded(url.pathname)}/`).file) {
      url.pathname += '/'
      return c.redirect(url.pathname + url.search, 308)
    }
    const missing = site.find('/404').file
    return missing ? serveFile(c, missing, 404) : sentencePage(c, 404, 'There is no page at this address.')
  })

  app.all('*', (c) => c.text('Only GET and HEAD are answered here.', 405, { Allow: 'GET, HEAD' }))
  return app
}

/** The printed link: the token moves from the address into a cookie. */
function enter(c: Context, gate: Gate, url: URL, token: string): Response {
  c.header('Cache-Control', 'no-store')
  if (!gate.token.matches(token))
    return sentencePage(
      c,
      403,
      'This link is not of this workbook. Open the link that the server printed when it started.',
    )
  c.header('Set-Cookie', sessionCookie(gate.port, token))
  url.searchParams.delete('token')
  // One slash: "//elsewhere" would be another host's address.
  return c.redirect(url.pathname.replace(/^[/\\]+/, '/') + url.search, 303)
}

async function serveFile(c: Context, file: SiteFile, status: 200 | 404): Promise<Response> {
  const accepted = (c.req.header('accept-encoding') ?? '')
    .split(',')
    .map((each) => each.split(';')[0]!.trim())
  const encoding = file.encodings.find((each) => accepted.includes(each)) ?? null
  const tag = `"${file.tag}${encoding ? `-${encoding}` : ''}"`
  c.header('ETag', tag)
  c.header('Vary', 'Accept-Encoding')
  c.header('Cache-Control', file.immutable ? 'public, max-age=31536000, immutable' : 'no-cache')
  if (file.scriptHashes) {
    c.header('Content-Security-Policy', contentSecurityPolicy(file.scriptHashes, c.req.header('host')!))
    c.header('Set-Cookie', SERVED_COOKIE)
  }
  const known = (c.req.header('if-none-match') ?? '')
    .split(',')
    .map((each) => each.trim().replace(/^W\//, ''))
  if (status === 200 && known.includes(tag)) return c.body(null, 304)
  const body = await readFile(encoding ? file.path + SUFFIX[encoding] : file.path)
  c.header('Content-Type', file.type)
  c.header('Content-Length', String(body.length))
  if (encoding) c.header('Content-Encoding', encoding)
  return c.req.method === 'HEAD' ? c.body(null, status) : c.body(body, status)
}

function decoded(pathname: string): string {
  try {
    return decodeURIComponent(pathname)
  } catch {
    return pathname
  }
}
