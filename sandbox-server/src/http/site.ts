/**
 * The built site as a table from address to file, made by walking its folder. A request is looked up in the
 * table and never becomes a path, so no request can lead out of the folder.
 */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { extname, join, relative } from 'node:path'
import { inlineScriptHashes } from './content-security.ts'

export type Encoding = 'br' | 'gzip'

export interface SiteFile {
  readonly path: string
  readonly type: string
  /** Entity tag of the uncompressed contents, without quotes. */
  readonly tag: string
  readonly encodings: readonly Encoding[]
  /** The name holds a hash of the contents: it may be kept for ever. */
  readonly immutable: boolean
  /** For pages: what the Content-Security-Policy must allow. */
  readonly scriptHashes: readonly string[] | null
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
  '.xml': 'application/xml',
}

/** VitePress puts everything with a hash in its name below assets/. */
const HASHED = /^\/assets\/.+\.[\w-]{8,}\.[a-z0-9.]+$/

export class Site {
  readonly #dir: string
  #files = new Map<string, SiteFile>()
  #readAt = -1

  constructor(dir: string) {
    this.#dir = dir
  }

  /** Null when nothing of the site is at this address; `built` is false when there is no site at all. */
  find(address: string): { built: boolean; file: SiteFile | null } {
    this.#refresh()
    return { built: this.#files.size > 0, file: this.#files.get(address) ?? null }
  }

  /** A new build while the server runs is seen by the time of its start page. */
  #refresh(): void {
    const builtAt = statSync(join(this.#dir, 'index.html'), { throwIfNoEntry: false })?.mtimeMs ?? 0
    if (builtAt === this.#readAt) return
    this.#files = builtAt === 0 ? new Map() : readFolder(this.#dir)
    this.#readAt = builtAt
  }
}

function readFolder(dir: string): Map<string, SiteFile> {
  const names = readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    .map((entry) => `/${relative(dir, join(entry.parentPath, entry.name))}`)
  const all = new Set(names)
  const files = new Map<string, SiteFile>()
  for (const name of names) {
    if (/\.(br|gz)$/.test(name)) continue
    const path = join(dir, name)
    const bytes = readFileSync(path)
    const isPage = extname(name) === '.html'
    const file: SiteFile = {
      path,
      type: TYPES[extname(name)] ?? 'application/octet-stream',
      tag: createHash('sha256').update(bytes).digest('base64url').slice(0, 22),
      encodings: [
        ...(all.has(`${name}.br`) ? (['br'] as const) : []),
        ...(all.has(`${name}.gz`) ? (['gzip'] as const) : []),
      ],
      immutable: HASHED.test(name),
      scriptHashes: isPage ? inlineScriptHashes(bytes.toString()) : null,
    }
    for (const address of addresses(name)) files.set(address, file)
  }
  return files
}

/** Clean addresses: /guide/start for /guide/start.html, /guide/ for /guide/index.html. */
function addresses(name: string): string[] {
  if (name.endsWith('/index.html')) return [name, name.slice(0, -'index.html'.length)]
  return name.endsWith('.html') ? [name, name.slice(0, -'.html'.length)] : [name]
}
