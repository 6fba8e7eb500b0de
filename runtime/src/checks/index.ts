/** Check combinators: they read as a sentence in lesson.ts and say what they saw. */
export * from './answer.ts'
export * from './cgroup.ts'
export * from './combine.ts'
export * from './shell.ts'
