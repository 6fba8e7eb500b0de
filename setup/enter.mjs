/**
 * The first door of every npm script. The machine's own Node may be old and node_modules empty, so this
 * file has no dependency and plain JavaScript: it installs the npm packages when they are not what
 * package-lock.json says, and then runs setup/<task>.ts under the Node that the project pins.
 */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const [task, ...args] = process.argv.slice(2)
const pinnedNode = join(root, 'node_modules', 'node', 'bin', 'node')

if (!task || !existsSync(join(root, 'setup', `${task}.ts`))) {
  console.error(`Expected the name of a task, found "${task ?? ''}". Run one of the scripts in package.json.`)
  process.exit(2)
}

/** npm keeps a copy of the lock file of what it really installed in node_modules/.package-lock.json. */
function installedAsLocked() {
  if (!existsSync(pinnedNode)) return false
  try {
    const packages = (file) => JSON.parse(readFileSync(join(root, file), 'utf8')).packages
    const installed = packages('node_modules/.package-lock.json')
    return Object.entries(packages('package-lock.json')).every(
      ([path, entry]) =>
        path === '' ||
        !path.includes('node_modules/') ||
        entry.optional ||
        entry.link ||
        installed[path]?.version === entry.version,
    )
  } catch {
    return false
  }
}

if (!installedAsLocked()) {
  console.error('Installing the npm packages (about half a minute) …')
  const npm = process.env.npm_execpath
    ? [process.execPath, process.env.npm_execpath]
    : [process.platform === 'win32' ? 'npm.cmd' : 'npm']
  const install = spawnSync(npm[0], [...npm.slice(1), 'ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  })
  if (install.status !== 0 || !existsSync(pinnedNode)) {
    console.error(
      'Expected npm ci to install the packages, found that it failed (its words are above). Check the network and try again.',
    )
    process.exit(1)
  }
}

const child = spawn(pinnedNode, [join(root, 'setup', `${task}.ts`), ...args], {
  cwd: root,
  stdio: 'inherit',
  env: {
    ...process.env,
    PATH: `${dirname(pinnedNode)}:${join(root, 'node_modules', '.bin')}:${process.env.PATH}`,
    NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --disable-warning=ExperimentalWarning`.trim(),
  },
})
// The child shares our terminal and gets Ctrl-C itself; a signal sent to us alone is passed on.
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
process.on('SIGINT', () => {})
child.on('exit', (code, signal) => process.exit(signal ? 128 + 15 : (code ?? 1)))
