/** The runtime, a table of contents. Each folder says in its first lines what it is for. */
export * from './checks/index.ts'
export * from './kernel/index.ts'
export * from './model/index.ts'
export * from './observe/index.ts'
export * from './sandbox/index.ts'
export * from './terminal/index.ts'
