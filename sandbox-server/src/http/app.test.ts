import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliDecompressSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Addresses } from '../gate/addresses.ts'
import { Gate } from '../gate/gate.ts'
import { Token } from '../gate/token.ts'
import { httpApp } from './app.ts'
import { precompress } from './precompress.ts'
import { Site } from './site.ts'

const dir = mkdtempSync('/var/tmp/docker-internals-site-')
const token = new Token('a'.repeat(32))
const app = httpApp(new Gate(token, new Addresses({ host: '127.0.0.1' }), 8080), new Site(join(dir, 'dist')))
const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  app.request(`http://127.0.0.1:8080${path}`, { method, headers: { host: '127.0.0.1:8080', ...headers } })
const long = `body{color:red}/*${'-'.repeat(2000)}*/`

beforeAll(async () => {
  for (const folder of ['assets', 'guide']) mkdirSync(join(dir, 'dist', folder), { recursive: true })
  const put = (name: string, text: string) => writeFileSync(join(dir, 'dist', name), text)
  put('index.html', '<script>let a=1</script><script type="module" src="/assets/app.aaaaaaaa.js"></script>')
  put('404.html', 'nothing here')
  put('guide/start.html', 'start')
  put('guide/index.html', 'guide')
  put('assets/style.Ab3_x-9Q.css', long)
  put('mark.svg', '<svg/>')
  writeFileSync(join(dir, 'secret.html'), 'secret')
  await precompress(join(dir, 'dist'))
})
afterAll(() => rmSync(dir, { recursive: true }))

describe('the static site', () => {
  it('serves pages under clean addresses, revalidated', async () => {
    for (const [address, text] of [
      ['/guide/start', 'start'],
      ['/guide/start.html', 'start'],
      ['/guide/', 'guide'],
    ] as const) {
      const response = await get(address)
      expect(await response.text()).toBe(text)
      expect(response.headers.get('cache-control')).toBe('no-cache')
    }
    expect((await get('/guide')).headers.get('location')).toBe('/guide/')
  })

  it('answers 304 when the browser has it', async () => {
    const tag = (await get('/')).headers.get('etag')!
    const again = await get('/', { 'if-none-match': tag })
    expect(again.status).toBe(304)
    expect(await again.text()).toBe('')
    expect((await get('/', { 'if-none-match': `W/${tag}` })).status).toBe(304)
  })

  it('serves the hashed assets compressed and for ever', async () => {
    const response = await get('/assets/style.Ab3_x-9Q.css', { 'accept-encoding': 'gzip, br' })
    expect(response.headers.get('content-encoding')).toBe('br')
    expect(response.headers.get('vary')).toBe('Accept-Encoding')
    expect(response.headers.get('cache-control')).toContain('immutable')
    expect(brotliDecompressSync(Buffer.from(await response.arrayBuffer())).toString()).toBe(long)
    const plain = await get('/assets/style.Ab3_x-9Q.css', { 'accept-encoding': 'identity' })
    expect(await plain.text()).toBe(long)
    expect(plain.headers.get('etag')).not.toBe(response.headers.get('etag'))
  })

  it('keeps a file without a hash in its name revalidated', async () => {
    const response = await get('/mark.svg')
    expect(response.headers.get('cache-control')).toBe('no-cache')
    expect(response.headers.get('content-type')).toBe('image/svg+xml')
  })

  it('allows inline scripts by their hash and nothing else inline', async () => {
    const policy = (await get('/')).headers.get('content-security-policy')!
    expect(policy).toContain(
      `script-src 'self' 'sha256-${createHash('sha256').update('let a=1').digest('base64')}'`,
    )
    expect(policy).not.toMatch(/script-src[^;]*unsafe-inline/)
  })

  it('sends what keeps browsers from guessing and leaking', async () => {
    const { headers } = await get('/')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('referrer-policy')).toBe('no-referrer')
  })

  it('has a page for what is not there', async () => {
    const response = await get('/no/such')
    expect(response.status).toBe(404)
    expect(await response.text()).toBe('nothing here')
  })

  it.each(['/../secret.html', '/%2e%2e/secret.html', '/..%2fsecret', '/assets/..%2f..%2fsecret.html', '/%'])(
    'leads nowhere by %j',
    async (path) => {
      const response = await get(path)
      expect(response.status).toBe(404)
      expect(await response.text()).not.toContain('secret')
    },
  )

  it('sends no body to HEAD and nothing to POST', async () => {
    const head = await get('/guide/start', {}, 'HEAD')
    expect(head.headers.get('content-length')).toBe('5')
    expect(await head.text()).toBe('')
    expect((await get('/', {}, 'POST')).status).toBe(405)
  })

  it('says so when it has not been built', async () => {
    const empty = httpApp(
      new Gate(token, new Addresses({ host: '127.0.0.1' }), 8080),
      new Site(join(dir, 'none')),
    )
    const response = await empty.request('http://localhost/', { headers: { host: 'localhost' } })
    expect(response.status).toBe(503)
    expect(await response.text()).toContain('has not been built yet')
  })
})

describe('the link with the token', () => {
  it('becomes a cookie that no script reads, on any path', async () => {
    const response = await get(`/guide/start?token=${token.text}&q=1`)
    expect(response.status).toBe(303)
    expect(response.headers.get('location')).toBe('/guide/start?q=1')
    expect(response.headers.get('set-cookie')).toMatch(
      /^workbook-session-8080=a{32}; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Strict$/,
    )
  })

  it('is refused with a sentence when it is another', async () => {
    const response = await get('/?token=b')
    expect(response.status).toBe(403)
    expect(response.headers.get('set-cookie')).toBeNull()
    expect(await response.text()).toContain('Open the link that the server printed')
  })

  it('never redirects to another host', async () => {
    const response = await get(`//evil.example/?token=${token.text}`)
    expect(response.headers.get('location')).toBe('/evil.example/')
  })

  it('is told by /healthz', async () => {
    expect(await (await get('/healthz')).json()).toEqual({ workbook: true, session: false })
    const cookie = `other=1; workbook-session-8080=${token.text}`
    expect(await (await get('/healthz', { cookie })).json()).toEqual({ workbook: true, session: true })
  })
})

it('refuses a Host that is not its own', async () => {
  for (const host of [
    'evil.example',
    'evil.example:8080',
    '127.0.0.1.evil.example',
    'localhost@evil.example',
  ])
    expect((await get('/', { host })).status).toBe(403)
  for (const host of ['localhost:8080', '127.0.0.1:8080', '[::1]:8080'])
    expect((await get('/', { host })).status).toBe(200)
})
