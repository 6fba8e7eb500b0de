/** The server, a table of contents. */
export { main } from './cli.ts'
export { precompress } from './http/precompress.ts'
export { type RunningServer, type ServeOptions, serve } from './serve.ts'
