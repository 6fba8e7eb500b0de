/**
 * The Content-Security-Policy of a page. VitePress writes inline scripts into its pages; each is allowed by
 * its hash (CSP3, section 2.3.1), so that a script that somehow got into a page does not run.
 */
import { createHash } from 'node:crypto'

const INLINE_SCRIPT = /<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/gi

/** The `script-src` sources of the inline scripts of a page. */
export function inlineScriptHashes(html: string): string[] {
  const scripts = [...html.matchAll(INLINE_SCRIPT)].map(([, script]) => script!)
  return [...new Set(scripts)].map(
    (script) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`,
  )
}

/**
 * Styles stay `unsafe-inline`: the highlighter and Vue set style attributes, and xterm adds style elements.
 * @param host Named for WebSockets because older Safari does not take 'self' for them.
 */
export function contentSecurityPolicy(scriptHashes: readonly string[], host: string): string {
  return [
    "default-src 'none'",
    `script-src 'self' ${scriptHashes.join(' ')}`.trim(),
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self' data:",
    `connect-src 'self' ws://${host} wss://${host}`,
    "manifest-src 'self'",
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ')
}
