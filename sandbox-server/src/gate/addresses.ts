/**
 * Under which names this server may be spoken to, and from which pages.
 * The Host check stops DNS rebinding (a foreign name that suddenly means 127.0.0.1), the Origin check stops
 * a foreign page from opening a WebSocket, which no browser forbids by itself.
 */
import { hostname, networkInterfaces } from 'node:os'

export interface AddressOptions {
  /** What the server listens on. */
  readonly host: string
  /** Origins of a reverse proxy in front, "https://lab.example.org". */
  readonly publicOrigins?: readonly string[]
}

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]']
const ALL_INTERFACES = ['0.0.0.0', '::', '[::]']

export class Addresses {
  readonly #names: Set<string>
  readonly #publicOrigins: Set<string>

  constructor({ host, publicOrigins = [] }: AddressOptions) {
    const names = ALL_INTERFACES.includes(host) ? ownNames() : [bracketed(host)]
    const publicNames = publicOrigins.map((origin) => new URL(origin).hostname)
    this.#names = new Set([...LOOPBACK, ...names, ...publicNames].map((name) => name.toLowerCase()))
    this.#publicOrigins = new Set(publicOrigins.map((origin) => new URL(origin).origin))
  }

  /** @param header the request's Host, "127.0.0.1:8080". */
  allowsHost(header: string | undefined): boolean {
    const url = header && /^[A-Za-z0-9.:[\]_-]+$/.test(header) ? URL.parse(`http://${header}`) : null
    return url !== null && this.#names.has(url.hostname.toLowerCase())
  }

  /** Exactly the origin of the page we served under this Host, or of the configured proxy. */
  allowsOrigin(origin: string | undefined, host: string | undefined): boolean {
    if (!origin || !this.allowsHost(host)) return false
    return origin === `http://${host!.toLowerCase()}` || this.#publicOrigins.has(origin)
  }
}

/** Addresses as literals and the machine's own name: neither can be rebound by a stranger's DNS. */
function ownNames(): string[] {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? [])
  return [hostname(), ...addresses.map(({ address }) => bracketed(address))]
}

function bracketed(address: string): string {
  return address.includes(':') && !address.startsWith('[') ? `[${address}]` : address
}
