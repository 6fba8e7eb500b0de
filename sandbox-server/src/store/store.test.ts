import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { Store } from './store.ts'

let data: string
let store: Store
const hash = Buffer.alloc(32, 1)

beforeEach(() => {
  data = mkdtempSync('/var/tmp/docker-internals-store-')
  store = new Store(join(data, 'deep', 'er'))
})
afterEach(() => {
  store.close()
  rmSync(data, { recursive: true })
})

it('knows a learner again by the token, also after a restart', () => {
  const learner = store.learner(hash)
  store.addProgress(learner, [{ lesson: 'pids-max', step: 'cap', state: 'done', at: 5.4 }])
  store.close()
  store = new Store(join(data, 'deep', 'er'))
  expect(store.learner(hash)).toBe(learner)
  expect(store.learner(Buffer.alloc(32, 2))).not.toBe(learner)
  expect(store.progress(learner)).toEqual([{ lesson: 'pids-max', step: 'cap', state: 'done', at: 5 }])
})

it('latches: done keeps its first date and is never taken back', () => {
  const learner = store.learner(hash)
  const entry = { lesson: 'l', step: 's' }
  const add = (state: 'done' | 'prepared', at: number) =>
    store.addProgress(learner, [{ ...entry, state, at }]).length
  expect(add('prepared', 1)).toBe(1)
  expect(add('prepared', 2)).toBe(0)
  expect(add('done', 3)).toBe(1)
  expect(add('done', 4)).toBe(0)
  expect(add('prepared', 5)).toBe(0)
  expect(store.progress(learner)).toEqual([{ ...entry, state: 'done', at: 3 }])
})

it('keeps which sandbox is whose', () => {
  const learner = store.learner(hash)
  store.setSandboxes(learner, [
    { id: 'new', role: 'current', keptUntil: null },
    { id: 'old', role: 'kept', keptUntil: 9 },
  ])
  store.setSandboxes(learner, [{ id: 'old', role: 'current', keptUntil: null }])
  expect(store.sandboxes()).toEqual([{ id: 'old', learner, role: 'current', keptUntil: null }])
})

it('writes so that a power cut loses nothing', () => {
  const db = new DatabaseSync(join(data, 'deep', 'er', 'workbook.sqlite'))
  expect(db.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' })
  db.close()
})

it('refuses what a newer workbook has written', () => {
  store.close()
  const db = new DatabaseSync(join(data, 'deep', 'er', 'workbook.sqlite'))
  db.exec('PRAGMA user_version = 99')
  db.close()
  expect(() => new Store(join(data, 'deep', 'er'))).toThrow(/at most version 1, found version 99.*--data/s)
  store = new Store(join(data, 'other'))
})

it('says in a sentence that a directory cannot be written', () => {
  writeFileSync(join(data, 'file'), '')
  expect(() => new Store(join(data, 'file'))).toThrow(/Expected to keep progress in .*--data/)
})
