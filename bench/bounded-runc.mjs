/**
 * runc for a machine whose own bounding set lacks a capability, as many virtual machines' does: `docker run --privileged`
 * asks for all there are and fails with EPERM there. This leaves out those that cannot be given. capabilities(7)
 */
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const args = process.argv.slice(2)
const bounding = BigInt(`0x${/^CapBnd:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))[1]}`)
const NAMES =
  'CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE'.split(
    ' ',
  )
const given = (name) => ((bounding >> BigInt(NAMES.indexOf(name.slice('CAP_'.length)))) & 1n) === 1n

function limit(file, processOf) {
  const config = JSON.parse(readFileSync(file, 'utf8'))
  const { capabilities } = processOf(config)
  for (const set of Object.keys(capabilities ?? {})) capabilities[set] = capabilities[set].filter(given)
  writeFileSync(file, JSON.stringify(config))
}

const after = (option) => (args.includes(option) ? args[args.indexOf(option) + 1] : undefined)
if (args.includes('create')) limit(join(after('--bundle') ?? '.', 'config.json'), (config) => config.process)
if (args.includes('exec')) limit(after('--process'), (config) => config)
process.exit(spawnSync('runc', args, { stdio: 'inherit' }).status ?? 1)
