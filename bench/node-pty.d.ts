/// <reference path="../node_modules/node-pty/node-pty.d.ts" />
/** The prebuilt distribution's types are declared under its own name only. */
declare module 'node-pty' {
  export * from '@lydell/node-pty'
}
