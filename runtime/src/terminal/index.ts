export { bundleTerminalHost, TERMINAL_HOST_MODULE } from './bundle-terminal-host.ts'
export type { TerminalSink, Viewer } from './link-viewer.ts'
export { FRESH, type LinkOptions, type Place, TerminalLink } from './terminal-link.ts'
export { type TypedBlock, Typist, type TypistOptions } from './typist.ts'
