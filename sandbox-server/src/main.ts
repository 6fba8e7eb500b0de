/** `node sandbox-server/src/main.ts`: the server by itself, without the set-up of `npm start`. */
import { WorkbookError } from '@docker-internals/runtime/model'
import { main } from './cli.ts'

try {
  await main(process.argv.slice(2))
  process.exit(0)
} catch (error) {
  const words = error instanceof WorkbookError ? error.message : error instanceof Error ? error.stack : error
  process.stderr.write(`${words}\n`)
  process.exit(1)
}
