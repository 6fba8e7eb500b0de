/** Messages, frames and limits: read by the server and the page alike. No Node, no DOM. */
export * from './control.ts'
export * from './limits.ts'
export * from './terminal.ts'
