import { spawn } from 'node:child_process'
import { expect, it } from 'vitest'
import { parseCgroupFile, parseNestedPids, parseStat, readStat } from './process.ts'

const FIELDS = 'S 41 42 43 34816 42 4194304 1 0 0 0 0 0 0 0 20 0 1 0 98765 0 0'

it.each([
  ['bash', 'bash'],
  ['a name', 'a name'],
  ['a) S 1 (b', 'a) S 1 (b'],
  [')', ')'],
  ['', ''],
])('reads a stat line of a process called %j', (name, expected) => {
  expect(parseStat(`57 (${name}) ${FIELDS}\n`)).toEqual({
    pid: 57,
    name: expected,
    state: 'S',
    parent: 41,
    processGroup: 42,
    terminalProcessGroup: 42,
    startTime: 98765,
  })
})

it.each(['', '57 bash S 1', '57 (bash) S 1 2'])('gives nothing for %j', (text) => {
  expect(parseStat(text)).toBeNull()
})

it('reads the pids of nested namespaces from outside inwards', () => {
  expect(parseNestedPids('Name:\tbash\nNSpid:\t4711\t12\t1\nNSpgid:\t1\n')).toEqual([4711, 12, 1])
  expect(parseNestedPids('Name:\tbash\n')).toEqual([])
})

it('reads the groups of a process on v1, v2 and a hybrid host', () => {
  expect(parseCgroupFile('0::/user.slice/a b\n')).toEqual({ unified: '/user.slice/a b' })
  expect(parseCgroupFile('5:cpu,cpuacct:/x\n2:name=systemd:/\n')).toEqual({
    cpu: '/x',
    cpuacct: '/x',
    'name=systemd': '/',
  })
  expect(parseCgroupFile('3:pids:/lfnw:odd\n0::/\n')).toEqual({ pids: '/lfnw:odd', unified: '/' })
})

it('reads a process that is there, and nothing of one that has gone', async () => {
  const child = spawn('sleep', ['60'])
  const stat = await readStat(child.pid!)
  expect(stat).toMatchObject({ pid: child.pid, parent: process.pid })
  child.kill('SIGKILL')
  await new Promise((resolve) => child.once('close', resolve))
  expect(await readStat(child.pid!)).toBeNull()
})
