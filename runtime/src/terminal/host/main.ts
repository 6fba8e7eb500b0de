/**
 * The terminal host: one process in every sandbox that owns its ptys. It dials the server, which listens on a socket in a
 * directory that the learner cannot write to, and dials again whenever the connection ends. Shells and their scrollback
 * outlive the server that way.
 * Usage: node terminal-host.mjs <socket>
 */
import { type FSWatcher, watch } from 'node:fs'
import { connect } from 'node:net'
import { dirname } from 'node:path'
import { TerminalHost } from './terminal-host.ts'

/** First and longest pause (ms) between attempts; a server that comes back is noticed at once by watching the directory. */
const FIRST_PAUSE_MS = 20
const LONGEST_PAUSE_MS = 1_000
/** A connection that lasted this long (ms) was a good one: the pauses begin anew. */
const STABLE_MS = 2_000

const path = process.argv[2] ?? '/run/docker-internals/terminal.sock'
const host = new TerminalHost()
let watcher: FSWatcher | null = null
let timer: NodeJS.Timeout | undefined
let pause = FIRST_PAUSE_MS
let dialling = false

function dial(): void {
  if (dialling) return
  dialling = true
  clearTimeout(timer)
  const socket = connect(path)
  let connectedAt = 0
  socket.on('connect', () => {
    connectedAt = performance.now()
    watcher?.close()
    watcher = null
    host.serve(socket)
  })
  socket.on('error', () => {}) // a close follows
  socket.on('close', () => {
    dialling = false
    if (connectedAt && performance.now() - connectedAt > STABLE_MS) pause = FIRST_PAUSE_MS
    timer = setTimeout(dial, pause)
    pause = Math.min(pause * 2, LONGEST_PAUSE_MS)
    listenForServer()
  })
}

/** Watches may be used up (inotify(7), max_user_instances) or the directory gone: then the timer alone has to do. */
function listenForServer(): void {
  try {
    watcher ??= watch(dirname(path), dial)
    watcher.on('error', () => {})
  } catch {
    watcher = null
  }
}

dial()
