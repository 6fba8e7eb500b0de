/** Types and schemas that every room may know: no Node, no DOM. */
export * from './cgroup-version.ts'
export * from './keys.ts'
export * from './lesson.ts'
export * from './observation.ts'
export * from './page.ts'
export * from './terminal-limits.ts'
export * from './verdict.ts'
export * from './workbook-error.ts'
