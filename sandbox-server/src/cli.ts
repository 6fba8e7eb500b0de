/** The command line: options in, a running server out, one line on stdout. */
import { join } from 'node:path'
import { DEFAULT_CACHE, DEFAULT_DATA } from '@docker-internals/runtime'
import { WorkbookError } from '@docker-internals/runtime/model'
import { Command, CommanderError, Option } from 'commander'
import { pino } from 'pino'
import { serve } from './serve.ts'

const SITE = join(import.meta.dirname, '..', '..', 'docs', '.vitepress', 'dist')
const LEVELS = ['debug', 'info', 'warn', 'error', 'silent']

interface CliOptions {
  readonly port: number
  readonly host: string
  readonly data: string
  readonly cache: string
  readonly site: string
  readonly publicUrl: string[]
  readonly cgroupParent?: string
  readonly stopSandboxes: boolean
  readonly logLevel: string
}

/**
 * Serves until SIGTERM or SIGINT. Sandboxes outlive the server, so that shells survive a restart, unless
 * `--stop-sandboxes` is given.
 * @param argv without the interpreter and the script.
 * @throws WorkbookError
 */
export async function main(argv: readonly string[]): Promise<void> {
  const options = parse(argv)
  if (!options) return
  const log = pino({ level: options.logLevel }, pino.destination(2))
  const server = await serve({
    ...{
      data: options.data,
      cache: options.cache,
      host: options.host,
      port: options.port,
      site: options.site,
    },
    ...(options.cgroupParent ? { cgroupParent: options.cgroupParent } : {}),
    publicOrigins: options.publicUrl,
    log,
    onProgress: (words) => log.info(words),
  })
  const stopped = stopSignal()
  process.stdout.write(`Workbook ready: ${server.url}\n`)
  log.info({ signal: await stopped }, 'stopping')
  await server.close({ stopSandboxes: options.stopSandboxes })
  log.info('stopped')
}

/** Null when all that was asked for was help. */
function parse(argv: readonly string[]): CliOptions | null {
  const command = new Command('workbook')
    .description('Serves the workbook: the site, the terminals and the checks.')
    .option('--port <number>', 'port to listen on', port, 8080)
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--data <directory>', 'where progress and sandboxes are kept', DEFAULT_DATA)
    .option('--cache <directory>', 'where the image of the sandboxes is kept', DEFAULT_CACHE)
    .option('--site <directory>', 'the built site', SITE)
    .option('--public-url <url>', 'address of a proxy in front (may be repeated)', publicUrl, [])
    .option('--cgroup-parent <group>', "group that holds the sandboxes' groups")
    .option('--stop-sandboxes', 'end all sandboxes when the server is stopped', false)
    .addOption(new Option('--log-level <level>', 'how much to log on stderr').choices(LEVELS).default('info'))
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
  try {
    return command.parse([...argv], { from: 'user' }).opts<CliOptions>()
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.code === 'commander.helpDisplayed') return null
    throw new WorkbookError({
      code: 'bad-option',
      expected: 'options that the workbook has',
      found: error.message.replace(/^error: /, '').replace(/\.$/, ''),
      remedy: '--help lists them.',
    })
  }
}

function port(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text)
  throw new WorkbookError({
    code: 'bad-port',
    expected: '--port to be a number from 0 to 65535',
    found: `"${text}"`,
    remedy: 'Give another one, for example --port 8081.',
  })
}

function publicUrl(text: string, before: string[]): string[] {
  const url = URL.parse(text)
  if (url && /^https?:$/.test(url.protocol) && url.pathname === '/') return [...before, url.origin]
  throw new WorkbookError({
    code: 'bad-public-url',
    expected: '--public-url to be an address without a path, like https://lab.example.org',
    found: `"${text}"`,
    remedy: 'Give the address that browsers use.',
  })
}

/** The second signal ends the process at once, as it would without us. */
function stopSignal(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(signal))
  })
}
