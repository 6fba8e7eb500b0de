/** Listens, or says in a sentence why it cannot. */
import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WorkbookError } from '@docker-internals/runtime/model'

/** @param port 0 for any free one. @returns the port in use. @throws WorkbookError */
export async function listen(server: Server, host: string, port: number): Promise<number> {
  server.listen(port, host)
  try {
    await once(server, 'listening')
  } catch (error) {
    throw explain(error as NodeJS.ErrnoException, host, port)
  }
  return (server.address() as AddressInfo).port
}

function explain(error: NodeJS.ErrnoException, host: string, port: number): WorkbookError {
  const cause = { cause: error }
  switch (error.code) {
    case 'EADDRINUSE':
      return new WorkbookError({
        code: 'port-taken',
        expected: `port ${port} of ${host} to be free`,
        found: 'that it is taken by another program',
        remedy: 'Choose another one with --port.',
        ...cause,
      })
    case 'EACCES':
      return new WorkbookError({
        code: 'port-forbidden',
        expected: `to be allowed to listen on port ${port}`,
        found: 'that it is not allowed',
        remedy: 'Choose one above 1023 with --port.',
        ...cause,
      })
    default:
      return new WorkbookError({
        code: 'address-unusable',
        expected: `${host} to be an address of this machine`,
        found: `that listening on it fails (${error.code ?? error.message})`,
        remedy: 'Choose another one with --host.',
        ...cause,
      })
  }
}
