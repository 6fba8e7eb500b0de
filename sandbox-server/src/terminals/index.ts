/** Terminals over WebSocket. */
export { serveTerminal } from './terminal-connection.ts'
