/**
 * What outlives the server: learners, their progress, whose sandbox is whose.
 * SQLite in WAL mode with `synchronous=FULL`: a write that has returned survives a kill -9 and a power cut,
 * see https://www.sqlite.org/pragma.html#pragma_synchronous. The calls are synchronous and take well below a millisecond.
 */
import { randomUUID } from 'node:crypto'
import { accessSync, constants, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { WorkbookError } from '@docker-internals/runtime/model'
import type { ProgressEntry } from '../../protocol/index.ts'
import { migrate } from './schema.ts'

export type SandboxRole = 'current' | 'kept'

export interface StoredSandbox {
  readonly id: string
  readonly learner: string
  readonly role: SandboxRole
  /** Milliseconds since the epoch; null for the current one. */
  readonly keptUntil: number | null
}

export class Store {
  readonly #db: DatabaseSync

  /**
   * @param data The data directory; made (mode 700) when it is not there.
   * @throws WorkbookError when the directory cannot be written or a newer workbook has written it.
   */
  constructor(data: string) {
    const file = join(data, 'workbook.sqlite')
    try {
      mkdirSync(data, { recursive: true, mode: 0o700 })
      accessSync(data, constants.W_OK)
      this.#db = new DatabaseSync(file)
      this.#db.exec('PRAGMA busy_timeout = 2000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
    } catch (error) {
      throw new WorkbookError({
        code: 'data-not-writable',
        expected: `to keep progress in ${data}`,
        found: `that it cannot be written (${error instanceof Error ? error.message : error})`,
        remedy: 'Give a directory that can be written with --data.',
        cause: error,
      })
    }
    migrate(this.#db, file)
  }

  /** The learner of this token hash, made when unknown. */
  learner(tokenHash: Uint8Array): string {
    const known = this.#db.prepare('SELECT id FROM learners WHERE token_hash = ?').get(tokenHash)
    if (known) return known.id as string
    const id = randomUUID()
    this.#db
      .prepare('INSERT INTO learners (id, token_hash, created_at) VALUES (?, ?, ?)')
      .run(id, tokenHash, Date.now())
    return id
  }

  progress(learner: string): ProgressEntry[] {
    return this.#db
      .prepare('SELECT lesson, step, state, at FROM progress WHERE learner = ? ORDER BY at')
      .all(learner)
      .map((row) => ({ ...row }) as unknown as ProgressEntry)
  }

  /** Keeps all or none. Done is never taken back and keeps its first date. @returns what was new. */
  addProgress(learner: string, entries: readonly ProgressEntry[]): ProgressEntry[] {
    const insert = this.#db.prepare(
      `INSERT INTO progress (learner, lesson, step, state, at) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET state = excluded.state, at = excluded.at
       WHERE progress.state = 'prepared' AND excluded.state = 'done'`,
    )
    this.#db.exec('BEGIN IMMEDIATE')
    try {
      const added = entries.filter(
        ({ lesson, step, state, at }) => insert.run(learner, lesson, step, state, Math.round(at)).changes > 0,
      )
      this.#db.exec('COMMIT')
      return added
    } catch (error) {
      this.#db.exec('ROLLBACK')
      throw error
    }
  }

  sandboxes(): StoredSandbox[] {
    return this.#db
      .prepare('SELECT id, learner, role, kept_until AS keptUntil FROM sandboxes')
      .all()
      .map((row) => ({ ...row }) as unknown as StoredSandbox)
  }

  /** Replaces all that is known of a learner's sandboxes, in one step. */
  setSandboxes(learner: string, sandboxes: readonly Omit<StoredSandbox, 'learner'>[]): void {
    this.#db.exec('BEGIN IMMEDIATE')
    try {
      this.#db.prepare('DELETE FROM sandboxes WHERE learner = ?').run(learner)
      const insert = this.#db.prepare(
        'INSERT INTO sandboxes (id, learner, role, kept_until) VALUES (?, ?, ?, ?)',
      )
      for (const { id, role, keptUntil } of sandboxes) insert.run(id, learner, role, keptUntil)
      this.#db.exec('COMMIT')
    } catch (error) {
      this.#db.exec('ROLLBACK')
      throw error
    }
  }

  close(): void {
    this.#db.close()
  }
}
