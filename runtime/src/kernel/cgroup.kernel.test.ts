/** One contract for every host: v1, v2 and hybrid. Groups are made below one of our own and taken away again. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Cgroups, detectCgroups } from './cgroup.ts'
import { parseCgroupFile, readProc, readStat } from './process.ts'

const ROOT = `/docker-internals-test-${process.pid}`
let cgroups: Cgroups
beforeEach(async () => {
  cgroups = await detectCgroups()
  await cgroups.create(ROOT)
})
afterEach(async () => {
  await cgroups.kill(ROOT)
  await cgroups.remove(ROOT)
  expect(await cgroups.exists('pids', ROOT)).toBe(false)
})

const groupsOf = async (pid: number) => parseCgroupFile((await readProc(pid, 'cgroup')) ?? '')
const keys = () => (cgroups.version === 'v1' ? ['pids', 'memory', 'cpu', 'freezer'] : ['unified'])

it('makes a group in every hierarchy, and reads and sets a limit', async () => {
  for (const controller of ['pids', 'memory', 'cpu'])
    expect(await cgroups.exists(controller, ROOT)).toBe(true)
  expect(await cgroups.read('pids', ROOT, 'pids.max')).toBe('max')
  await cgroups.write('pids', ROOT, 'pids.max', 7)
  expect(await cgroups.read('pids', ROOT, 'pids.max')).toBe('7')
  expect(await cgroups.read('pids', ROOT, 'no.such.file')).toBeNull()
  expect(await cgroups.read('pids', `${ROOT}/none`, 'pids.max')).toBeNull()
  await expect(cgroups.write('pids', ROOT, 'pids.max', 'many')).rejects.toThrow(/EINVAL/)
})

it('moves a process in every hierarchy, and finds it there', async () => {
  const child = spawn('sleep', ['300'])
  await cgroups.create(`${ROOT}/inner`)
  await cgroups.move(`${ROOT}/inner`, child.pid!)
  const groups = await groupsOf(child.pid!)
  for (const key of keys()) expect(groups[key]).toBe(`${ROOT}/inner`)
  const membership = cgroups.version === 'v1' ? 'pids' : 'unified'
  expect(await cgroups.processes(membership, `${ROOT}/inner`)).toEqual([child.pid])
  expect(await cgroups.processes(membership, ROOT)).toEqual([])
  expect(await cgroups.subtree('pids', ROOT)).toEqual([ROOT, `${ROOT}/inner`])
})

it('kills a whole subtree, a fork bomb in it too', async () => {
  await cgroups.create(`${ROOT}/bomb`)
  const membership = cgroups.version === 'v1' ? 'pids' : 'unified'
  // v1 and v2 before Linux 6.11 count where the fork was refused, later ones where the limit is.
  const counting = [`${ROOT}/bomb`, ROOT]
  await cgroups.write('pids', ROOT, 'pids.max', 100)
  const bomb = spawn('bash', ['-c', 'read -r; b() { b | b & }; b 2>/dev/null; sleep 300'], {
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  await cgroups.move(`${ROOT}/bomb`, bomb.pid!)
  bomb.stdin.write('\n')
  const refused = async () => {
    const events = await Promise.all(counting.map((group) => cgroups.read('pids', group, 'pids.events')))
    return events.some((text) => text !== 'max 0')
  }
  while (!(await refused())) await sleep(20)
  const processes = () => cgroups.processes(membership, `${ROOT}/bomb`)
  expect((await processes()).length).toBeGreaterThan(10)
  await cgroups.kill(ROOT)
  // Zombies may be listed until their new parent asks; nothing lives.
  for (const pid of await processes()) expect((await readStat(pid))?.state ?? 'Z').toBe('Z')
})

it('removes groups within groups', async () => {
  await cgroups.create(`${ROOT}/a/b/c`)
  await cgroups.create(`${ROOT}/a/d`)
  await cgroups.remove(`${ROOT}/a`)
  expect(await cgroups.subtree('pids', ROOT)).toEqual([ROOT])
  await cgroups.remove(`${ROOT}/a`) // once more is fine
})

it('delegates: the user may make groups and limit them, and not loosen its own limit', async () => {
  const UID = 65_534
  const group = `${ROOT}/theirs`
  await cgroups.create(group)
  await cgroups.write('pids', group, 'pids.max', 50)
  await cgroups.delegate(group, UID, UID)
  const mount = cgroups.hierarchyOf('pids')!.mount
  const attempt = async (script: string) => {
    const child = spawn('setpriv', [`--reuid=${UID}`, '--clear-groups', 'sh', '-c', script], {
      stdio: 'ignore',
      cwd: '/',
    })
    const [code] = await once(child, 'exit')
    return code
  }
  expect(await attempt(`mkdir ${mount}${group}/web`)).toBe(0)
  if (cgroups.version === 'v1') expect(await attempt(`echo 5 > ${mount}${group}/web/pids.max`)).toBe(0)
  expect(await attempt(`echo 500 > ${mount}${group}/pids.max`)).not.toBe(0)
  expect(await attempt(`mkdir ${mount}${ROOT}/elsewhere`)).not.toBe(0)
  expect(await cgroups.read('pids', group, 'pids.max')).toBe('50')
})
