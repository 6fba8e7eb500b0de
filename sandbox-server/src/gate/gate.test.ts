import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { Addresses } from './addresses.ts'
import { readCookie } from './cookies.ts'
import { Gate } from './gate.ts'
import { Token } from './token.ts'

const token = new Token('t'.repeat(32))
const gate = new Gate(
  token,
  new Addresses({ host: '127.0.0.1', publicOrigins: ['https://lab.example.org'] }),
  8080,
)
const right = {
  host: '127.0.0.1:8080',
  origin: 'http://127.0.0.1:8080',
  cookie: `workbook-session-8080=${token.text}`,
}

describe('an upgrade', () => {
  it('goes on with our Host, our Origin and our cookie', () => {
    expect(gate.refusal({ headers: right })).toBeNull()
    const proxied = { ...right, host: 'lab.example.org', origin: 'https://lab.example.org' }
    expect(gate.refusal({ headers: proxied })).toBeNull()
  })

  it.each([
    ['a foreign Origin', { origin: 'http://evil.example' }, 'found one of "http://evil.example"'],
    ['another port of this machine', { origin: 'http://127.0.0.1:9000' }, 'found one of'],
    ['the same host over another scheme', { origin: 'https://127.0.0.1:8080' }, 'found one of'],
    ['a sandboxed frame', { origin: 'null' }, 'found one of "null"'],
    ['no Origin', { origin: undefined }, 'Expected an Origin header, found none'],
    ['a rebound name', { host: 'evil.example', origin: 'http://evil.example' }, 'in the Host header'],
    ['no Host', { host: undefined }, 'in the Host header'],
    ['no cookie', { cookie: undefined }, 'Open the link that the server printed'],
    ['another token', { cookie: 'workbook-session-8080=x' }, 'Open the link that the server printed'],
    ['the cookie of another port', { cookie: `workbook-session-9090=${token.text}` }, 'Open the link'],
  ])('is refused with a reason for %s', (_, wrong, reason) => {
    expect(gate.refusal({ headers: { ...right, ...wrong } })).toContain(reason)
  })

  it('shows nothing of a stranger that could be more than text', () => {
    expect(
      gate.refusal({ headers: { ...right, origin: `\x1b]0;x${'y'.repeat(500)}` } })!.length,
    ).toBeLessThan(200)
  })
})

describe('addresses', () => {
  it('are those of this machine when all interfaces are listened on, and still no foreign name', () => {
    const all = new Addresses({ host: '0.0.0.0' })
    expect(all.allowsHost('127.0.0.1:1')).toBe(true)
    expect(all.allowsHost('evil.example')).toBe(false)
  })
  it('do not depend on case', () => {
    expect(new Addresses({ host: 'Lab.local' }).allowsHost('LAB.LOCAL:80')).toBe(true)
  })
})

it('reads one cookie among others', () => {
  expect(readCookie('a=1; workbook=2 ; c=3', 'workbook')).toBe('2')
  expect(readCookie('xworkbook=2', 'workbook')).toBeNull()
  expect(readCookie(undefined, 'workbook')).toBeNull()
})

describe('the token', () => {
  const data = mkdtempSync('/var/tmp/docker-internals-token-')
  afterEach(() => rmSync(data, { recursive: true, force: true }))

  it('lasts, for its owner alone, and is replaced when it is spoilt', () => {
    const first = Token.ofDirectory(data)
    expect(first.text).toMatch(/^[\w-]{32}$/)
    expect(statSync(join(data, 'token')).mode & 0o777).toBe(0o600)
    expect(Token.ofDirectory(data).text).toBe(first.text)
    expect(first.matches(first.text)).toBe(true)
    for (const wrong of [null, undefined, '', first.text.slice(1), `${first.text}x`])
      expect(first.matches(wrong)).toBe(false)
    writeFileSync(join(data, 'token'), 'half')
    chmodSync(join(data, 'token'), 0o644)
    expect(Token.ofDirectory(data).text).not.toBe('half')
    expect(statSync(join(data, 'token')).mode & 0o777).toBe(0o600)
  })
})
