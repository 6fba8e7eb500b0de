import { expect, it } from 'vitest'
import { overlayLayers, parseMountinfo, readMounts } from './mount.ts'

it('reads a mount with optional fields and escaped characters', () => {
  const [mount] = parseMountinfo(
    '36 35 98:0 /mnt1 /a\\040b\\134c rw,noatime master:1 shared:7 - ext3 /dev/my\\040root rw,errors=continue\n',
  )
  expect(mount).toEqual({
    id: 36,
    parent: 35,
    device: '98:0',
    root: '/mnt1',
    target: '/a b\\c',
    options: ['rw', 'noatime'],
    propagation: ['master:1', 'shared:7'],
    type: 'ext3',
    source: '/dev/my root',
    superOptions: ['rw', 'errors=continue'],
  })
})

it('reads a mount without optional fields, and leaves out what is no mount', () => {
  const mounts = parseMountinfo('1 0 0:1 / /proc rw - proc proc rw\nnonsense\n2 0 0:1 / / rw - x\n\n')
  expect(mounts.map(({ target, propagation }) => [target, propagation])).toEqual([['/proc', []]])
})

it('reads the layers of an overlay, topmost first', () => {
  const overlay = (options: string) => parseMountinfo(`9 1 0:9 / /m rw - overlay overlay ${options}\n`)[0]!
  expect(overlayLayers(overlay('rw,lowerdir=/top:/mid\\134:dle:/base,upperdir=/u,workdir=/w'))).toEqual({
    lower: ['/top', '/mid:dle', '/base'],
    upper: '/u',
    work: '/w',
  })
  expect(overlayLayers(overlay('ro,lowerdir=/a:/b'))).toEqual({
    lower: ['/a', '/b'],
    upper: null,
    work: null,
  })
  expect(overlayLayers(parseMountinfo('1 0 0:1 / /proc rw - proc proc rw\n')[0]!)).toBeNull()
})

it('reads its own mount table, and nothing of a process that is not there', async () => {
  expect((await readMounts('self')).map(({ target }) => target)).toContain('/proc')
  expect(await readMounts(2 ** 22 + 1)).toEqual([])
})
