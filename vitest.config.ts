import { defineConfig } from 'vitest/config'

const notOurs = ['**/node_modules/**', '**/.cache/**', '**/dist/**']

/**
 * Three kinds of tests, told apart by their names:
 * `x.test.ts` beside its source needs nothing; `x.kernel.test.ts` makes real cgroups, namespaces and
 * sandboxes and needs root; `e2e/x.test.ts` drives Chromium against the real server.
 * The last two share one machine and run file by file.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['**/*.test.ts'],
          exclude: [...notOurs, '**/*.kernel.test.ts', 'e2e/**'],
          environment: 'node',
        },
      },
      {
        test: {
          name: 'kernel',
          include: ['**/*.kernel.test.ts'],
          exclude: notOurs,
          environment: 'node',
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          name: 'browser',
          include: ['e2e/**/*.test.ts'],
          exclude: notOurs,
          environment: 'node',
          fileParallelism: false,
          testTimeout: 90_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
})
