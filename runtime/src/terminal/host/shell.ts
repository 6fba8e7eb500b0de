/** What runs in a terminal. */

/**
 * Before the shell: close every descriptor above 2, because masters of other terminals leak into what node-pty starts;
 * and let the kernel's OOM killer prefer what the learner starts to the terminal host, whose own score cannot be lowered
 * in a user namespace (proc_pid_oom_score_adj(5): that needs CAP_SYS_RESOURCE outside).
 * Bash, not sh: only bash closes descriptors of two digits. No redirection around the loop: bash would keep the old
 * descriptor above 2 meanwhile, and lose it.
 */
const PREPARE = `
for path in /proc/self/fd/*; do
  case \${path##*/} in [0-2] | *[!0-9]*) ;; *) eval "exec \${path##*/}>&-" ;; esac
done
echo 300 2>/dev/null >/proc/self/oom_score_adj
exec bash`

export const SHELL_FILE = '/bin/bash'
export const SHELL_ARGV: readonly string[] = ['--noprofile', '--norc', '-c', PREPARE]

/** The shell is not a login shell: its whole environment is given here, and /etc/profile would start a process or two. */
export function shellEnvironment(inherited: NodeJS.ProcessEnv): Record<string, string> {
  const home = inherited.HOME ?? '/root'
  return {
    PATH: inherited.PATH ?? '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: home,
    USER: 'root',
    LOGNAME: 'root',
    SHELL: SHELL_FILE,
    LANG: 'C.UTF-8',
    TERM: 'xterm-256color',
    COLORTERM: 'truecolor',
    PWD: home,
  }
}
