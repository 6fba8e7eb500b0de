/**
 * The tables, as a list of migrations: `user_version` counts how many of them a database has had.
 * A migration that has been released is never changed, only followed by another.
 */
import type { DatabaseSync } from 'node:sqlite'
import { WorkbookError } from '@docker-internals/runtime/model'

const MIGRATIONS = [
  `
  CREATE TABLE learners (
    id TEXT PRIMARY KEY,
    -- SHA-256 of the token: who reads the database cannot enter with it.
    token_hash BLOB NOT NULL UNIQUE,
    created_at INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE progress (
    learner TEXT NOT NULL REFERENCES learners(id) ON DELETE CASCADE,
    lesson TEXT NOT NULL,
    step TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('done', 'prepared')),
    at INTEGER NOT NULL,
    PRIMARY KEY (learner, lesson, step)
  ) STRICT, WITHOUT ROWID;
  -- Which sandbox is whose. "current" is at most one a learner; a "kept" one waits frozen for an undo.
  CREATE TABLE sandboxes (
    id TEXT PRIMARY KEY,
    learner TEXT NOT NULL REFERENCES learners(id) ON DELETE CASCADE,
    role TEXT NOT NULL CHECK (role IN ('current', 'kept')),
    kept_until INTEGER
  ) STRICT;
  CREATE UNIQUE INDEX one_sandbox_of_each_role ON sandboxes (learner, role);
  `,
]

/** @throws WorkbookError when the database was written by a newer workbook. */
export function migrate(db: DatabaseSync, file: string): void {
  const { user_version: version } = db.prepare('PRAGMA user_version').get() as { user_version: number }
  if (version > MIGRATIONS.length)
    throw new WorkbookError({
      code: 'newer-data',
      expected: `${file} to have at most version ${MIGRATIONS.length}`,
      found: `version ${version}, written by a newer workbook`,
      remedy: 'Start the newer workbook, or give another directory with --data.',
    })
  for (let at = version; at < MIGRATIONS.length; at++) {
    db.exec('BEGIN IMMEDIATE')
    try {
      db.exec(MIGRATIONS[at]!)
      db.exec(`PRAGMA user_version = ${at + 1}`)
      db.exec('COMMIT')
    } catch (error) {
      db.exec('ROLLBACK')
      throw error
    }
  }
}
