/** A page that needs no site: one sentence, for when there is nothing better to show. */
import type { Context } from 'hono'

export function sentencePage(c: Context, status: 403 | 404 | 500 | 503, words: string): Response {
  c.header('Cache-Control', 'no-store')
  c.header('Content-Security-Policy', "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
  const style =
    'body{font:18px/1.6 system-ui,sans-serif;max-width:34em;margin:20vh auto;padding:0 1.5em;color-scheme:light dark}'
  return c.html(
    `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">` +
      `<title>Docker Internals</title><style>${style}</style><p>${words}</p></html>`,
    status,
  )
}
