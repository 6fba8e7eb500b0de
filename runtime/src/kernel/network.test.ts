import { execFileSync } from 'node:child_process'
import { expect, it } from 'vitest'
import { LINKS_ARGV, parseLinks } from './network.ts'

it('reads a bridge, a port of it and the other end in another namespace', () => {
  const json = JSON.stringify([
    {
      ifindex: 3,
      ifname: 'docker0',
      flags: ['UP'],
      linkinfo: { info_kind: 'bridge' },
      addr_info: [{ local: '172.17.0.1', prefixlen: 16 }],
    },
    {
      ifindex: 5,
      ifname: 'veth1',
      link_index: 4,
      link_netnsid: 0,
      flags: [],
      master: 'docker0',
      linkinfo: { info_kind: 'veth' },
      addr_info: [],
    },
    { nonsense: true },
  ])
  expect(parseLinks(json)).toEqual([
    {
      index: 3,
      name: 'docker0',
      kind: 'bridge',
      up: true,
      peerIndex: null,
      peerNamespace: null,
      master: null,
      addresses: ['172.17.0.1/16'],
    },
    {
      index: 5,
      name: 'veth1',
      kind: 'veth',
      up: false,
      peerIndex: 4,
      peerNamespace: 0,
      master: 'docker0',
      addresses: [],
    },
  ])
})

it('gives nothing for what is not a list of links', () => {
  for (const text of ['', '{}', 'null', '[1, null]', 'Cannot open network namespace'])
    expect(parseLinks(text)).toEqual([])
})

it('reads what ip prints here', () => {
  const [command, ...args] = LINKS_ARGV
  const lo = parseLinks(execFileSync(command, args, { encoding: 'utf8' })).find(({ name }) => name === 'lo')
  expect(lo).toMatchObject({ index: 1, kind: 'loopback' })
})
