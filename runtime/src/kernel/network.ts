/** Network links and addresses from `ip -j`, ip(8). The caller decides in which namespace the command runs. */
export const LINKS_ARGV = ['ip', '-j', '-d', 'address', 'show'] as const

export interface NetworkLink {
  readonly index: number
  readonly name: string
  /** "veth", "bridge", …; "loopback" for lo; "physical" where the kernel names no kind. */
  readonly kind: string
  readonly up: boolean
  /** Index of the other end of a veth pair; it may lie in another namespace. */
  readonly peerIndex: number | null
  /** Id of the namespace of the peer as ip(8) numbers it; null when it is this one. */
  readonly peerNamespace: number | null
  /** Name of the bridge this link is a port of. */
  readonly master: string | null
  /** "172.17.0.1/16", IPv4 and IPv6. */
  readonly addresses: readonly string[]
}

/** Empty when the text is not what `ip -j` prints. */
export function parseLinks(json: string): NetworkLink[] {
  let list: unknown
  try {
    list = JSON.parse(json)
  } catch {
    return []
  }
  if (!Array.isArray(list)) return []
  return list.flatMap((link) => {
    if (typeof link?.ifname !== 'string' || typeof link.ifindex !== 'number') return []
    return [
      {
        index: link.ifindex,
        name: link.ifname,
        kind: link.linkinfo?.info_kind ?? (link.link_type === 'loopback' ? 'loopback' : 'physical'),
        up: Array.isArray(link.flags) && link.flags.includes('UP'),
        peerIndex: typeof link.link_index === 'number' ? link.link_index : null,
        peerNamespace: typeof link.link_netnsid === 'number' ? link.link_netnsid : null,
        master: typeof link.master === 'string' ? link.master : null,
        addresses: (Array.isArray(link.addr_info) ? link.addr_info : []).map(
          ({ local, prefixlen }: { local: string; prefixlen: number }) => `${local}/${prefixlen}`,
        ),
      },
    ]
  })
}
