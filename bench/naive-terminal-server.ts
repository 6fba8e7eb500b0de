/** What one writes in an afternoon: a WebSocket for each shell, bytes passed on as they come. Prints its port. */
import { spawn } from 'node-pty'
import { type WebSocket, WebSocketServer } from 'ws'

const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false })
server.on('connection', (socket: WebSocket) => {
  const pty = spawn('/bin/bash', ['--norc'], { cols: 80, rows: 24 })
  pty.onData((text) => socket.send(text))
  socket.on('message', (data) => pty.write(String(data)))
  socket.on('close', () => pty.kill())
})
server.on('listening', () => console.log((server.address() as { port: number }).port))
