/**
 * A second kernel for what this one cannot show: Debian's own with cgroup v2, under QEMU's software emulation.
 * User-mode Linux would be quicker, but does not start on processors with AMX (its floating point state is too small).
 * Node inside runs without its optimizing compilers: what they write while several processors run, the emulator now and
 * then runs before it is whole (QEMU 7.2: three crashes in ten with them, none in six without).
 */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { loadLessons } from '../../lessons/src/index.ts'
import type { Report } from '../../lessons/src/prove/main.ts'
import { ensureImage } from '../../runtime/src/index.ts'
import { WorkbookError } from '../../runtime/src/model/index.ts'
import { ROOT } from '../site.ts'
import { ensureMachineBase } from './base.ts'

/** Debian's kernel for x86-64 is what the machine is made of. */
export function canProveOnV2(): boolean {
  return process.arch === 'x64'
}

/** What the machine's process 1 says last; its report has been written then, all but what QEMU still holds. */
const DONE = 'workbook-done'
const FLUSH_MS = 500
const TIMEOUT_MS = 25 * 60_000

export interface OnV2 {
  readonly report: Report
  /** Of the tests of the kernel layer, with `--contract`. */
  readonly contract: { readonly passed: number; readonly failed: number; readonly words: string } | null
}

/**
 * Proves lessons on cgroup v2; with `--record` their recordings are written beside them here.
 * @param args names of lessons and options of the prover; `--contract` also runs the tests of the kernel layer.
 * @throws WorkbookError when the machine does not come to an end by itself.
 */
export async function proveOnV2(args: readonly string[], progress: (words: string) => void): Promise<OnV2> {
  const base = ensureMachineBase(progress)
  const image = await ensureImage({ onProgress: progress })
  const directory = mkdtempSync('/var/tmp/docker-internals-v2-')
  try {
    progress('Making the disk of the cgroup v2 machine')
    const disk = makeDisk(directory, base.root, dirname(image.root))
    const result = join(directory, 'result')
    const attempt = async () => takeResult(result, await boot({ ...base, disk, result, args, progress }))
    return await attempt().catch((error) => {
      if (!(error instanceof WorkbookError) || error.code !== 'machine-ended') throw error
      progress(`${error.message} Trying once more.`)
      return attempt()
    })
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

/** @param image folder of the sandboxes' image, with its seal. */
function makeDisk(directory: string, base: string, image: string): string {
  const root = join(directory, 'root')
  const copy = (from: string, to: string) => execFileSync('cp', ['-a', '--reflink=auto', from, to])
  copy(base, root)
  mkdirSync(join(root, dirname(image)), { recursive: true })
  copy(image, join(root, image))
  mkdirSync(join(root, 'workbook'))
  const pack =
    'tar -C "$1" --exclude=./.git --exclude=./.cache --exclude=./docs/.vitepress/dist -cf - . | tar -C "$2" -xf -'
  execFileSync('sh', ['-c', pack, 'pack', ROOT, join(root, 'workbook')])
  const disk = join(directory, 'disk.ext4')
  execFileSync('mkfs.ext4', ['-q', '-F', '-d', root, disk, '8G'])
  rmSync(root, { recursive: true })
  return disk
}

interface Boot {
  readonly kernel: string
  readonly initrd: string
  readonly disk: string
  readonly result: string
  readonly args: readonly string[]
  readonly progress: (words: string) => void
}

/** @returns the console's last words. */
async function boot({ kernel, initrd, disk, result, args, progress }: Boot): Promise<string> {
  const append = `console=ttyS0 root=/dev/vda rw init=/workbook/setup/v2-machine/init.sh quiet panic=-1 -- ${args.join(' ')}`
  const qemu = spawn(
    'setpriv', // it must not outlive us, however we end
    [
      ...['--pdeathsig', 'KILL', '--', 'qemu-system-x86_64'],
      ...[
        '-machine',
        'q35',
        '-accel',
        'tcg,thread=multi,tb-size=512',
        '-cpu',
        'max',
        '-smp',
        '2',
        '-m',
        '3072',
      ],
      ...['-display', 'none', '-monitor', 'none', '-no-reboot', '-nic', 'none'],
      ...['-serial', 'stdio', '-serial', `file:${result}`],
      ...['-kernel', kernel, '-initrd', initrd, '-append', append],
      ...['-drive', `file=${disk},format=raw,if=virtio,cache=unsafe,snapshot=on`],
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const end = () => qemu.kill('SIGKILL')
  process.once('exit', end)
  const timer = setTimeout(end, TIMEOUT_MS)
  const words: string[] = []
  for await (const line of createInterface({ input: qemu.stdout })) {
    words.push(line.trim())
    if (line.trim() === DONE) setTimeout(end, FLUSH_MS)
    if (/^[a-z0-9-]+: [a-z0-9-]+/.test(line)) progress(`cgroup v2: ${line.trim()}`)
  }
  if (qemu.exitCode === null && qemu.signalCode === null) await once(qemu, 'exit')
  clearTimeout(timer)
  process.removeListener('exit', end)
  return words.slice(-5).join(' ')
}

/** @throws WorkbookError `machine-ended` when there is none: Node inside may have crashed, which emulation makes it do now and then. */
async function takeResult(file: string, words: string): Promise<OnV2> {
  let result: Partial<OnV2> & { recordings?: Record<string, string>; error?: string } = {}
  try {
    result = JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    // The machine went down before it could say anything; its console says more.
  }
  if (!result.report)
    throw new WorkbookError({
      code: 'machine-ended',
      expected: 'the cgroup v2 machine to report',
      found: result.error ?? `none; its last words were: ${words || 'nothing'}`,
      remedy: 'Try again; if it happens again, prove the lessons on a real machine with cgroup v2.',
    })
  for (const { page, dir } of await loadLessons()) {
    const recording = result.recordings?.[page.id]
    if (recording === undefined) continue
    mkdirSync(join(dir, 'recorded'), { recursive: true })
    writeFileSync(join(dir, 'recorded', 'v2.json'), recording)
  }
  return { report: result.report, contract: result.contract ?? null }
}
