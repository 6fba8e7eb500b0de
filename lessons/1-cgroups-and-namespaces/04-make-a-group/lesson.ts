import { all, answer, cgroup, childBornIn, type Lesson, shell } from '@docker-internals/runtime'

const lfnw = cgroup('lfnw', { controller: 'pids' })

const V1 = '/sys/fs/cgroup/pids'
const V2 = '/sys/fs/cgroup'

export default {
  steps: {
    look: {
      check: answer('the path of your shell in /proc/<pid>/cgroup', async (observation) => {
        const pid = observation.shells.get('a') ?? [...observation.shells.values()][0]
        const shellNow = (await observation.processes()).find((process) => process.pid === pid)
        const path = shellNow?.cgroups[lfnw.key(observation)]
        return path === undefined ? { missing: 'no terminal is open to look from' } : { right: [path] }
      }),
      answer: {
        v1: "sed -n 's/^[0-9]*:pids://p' /proc/self/cgroup",
        v2: "sed -n 's/^0:://p' /proc/self/cgroup",
      },
      wrong: [
        {
          run: 'true',
          answer: '/lfnw',
          because: 'the path of your shell in /proc/<pid>/cgroup, /lfnw is not it',
        },
        {
          run: 'true',
          answer: '/sys/fs/cgroup',
          because: 'the path of your shell in /proc/<pid>/cgroup, /sys/fs/cgroup is not it',
        },
      ],
    },

    make: {
      check: lfnw.exists(),
      wrong: [
        {
          // The right name with a letter of the wrong case.
          run: { v1: `mkdir ${V1}/LFNW`, v2: `mkdir ${V2}/LFNW` },
          because: {
            v1: 'a group /lfnw in the pids hierarchy, there is only /LFNW',
            v2: 'a group /lfnw, there is only /LFNW and /init',
          },
          undo: { v1: `rmdir ${V1}/LFNW`, v2: `rmdir ${V2}/LFNW` },
        },
        {
          // The right name, one level too deep.
          run: { v1: `mkdir -p ${V1}/home/lfnw`, v2: `mkdir -p ${V2}/home/lfnw` },
          because: {
            v1: 'a group /lfnw in the pids hierarchy, there is only /home and /home/lfnw',
            v2: 'a group /lfnw, there is only /home, /home/lfnw and /init',
          },
          undo: { v1: `rmdir ${V1}/home/lfnw ${V1}/home`, v2: `rmdir ${V2}/home/lfnw ${V2}/home` },
        },
      ],
      alternatives: [
        { run: { v1: 'cgcreate -g pids:lfnw', v2: 'cgcreate -g pids:lfnw' } },
        { run: { v1: `cd ${V1} && mkdir lfnw; cd`, v2: `cd ${V2} && mkdir lfnw; cd` } },
      ],
    },

    move: {
      check: shell().isIn(lfnw),
      wrong: [
        {
          // Something else is moved, the shell stays where it was.
          run: {
            v1: `sleep 300 & echo $! > ${V1}/lfnw/cgroup.procs`,
            v2: `sleep 300 & echo $! > ${V2}/lfnw/cgroup.procs`,
          },
          because: {
            v1: 'your shell in /lfnw of the pids hierarchy, it is in /',
            v2: 'your shell in /lfnw, it is in /init',
          },
          undo: 'kill %1; wait',
        },
        {
          // The shell is moved, but into another group.
          run: {
            v1: `mkdir ${V1}/other; echo $$ > ${V1}/other/tasks`,
            v2: `mkdir ${V2}/other; echo $$ > ${V2}/other/cgroup.procs`,
          },
          because: {
            v1: 'your shell in /lfnw of the pids hierarchy, it is in /other',
            v2: 'your shell in /lfnw, it is in /other',
          },
          undo: {
            v1: `echo $$ > ${V1}/tasks; rmdir ${V1}/other`,
            v2: `echo $$ > ${V2}/init/cgroup.procs; rmdir ${V2}/other`,
          },
        },
      ],
      alternatives: [
        { run: { v1: 'cgclassify -g pids:lfnw $$', v2: 'cgclassify -g pids:lfnw $$' } },
        { run: { v1: `echo 0 > ${V1}/lfnw/cgroup.procs`, v2: `echo 0 > ${V2}/lfnw/cgroup.procs` } },
      ],
    },

    child: {
      check: childBornIn(lfnw),
      wrong: [
        {
          // Moved in from outside instead of being born there.
          run: {
            v1: `sleep 300 & echo $! > ${V1}/lfnw/cgroup.procs`,
            v2: `sleep 300 & echo $! > ${V2}/lfnw/cgroup.procs`,
          },
          in: 'b',
          because: {
            v1: 'a process that was started in /lfnw of the pids hierarchy, what is in it was started elsewhere and moved in',
            v2: 'a process that was started in /lfnw, what is in it was started elsewhere and moved in',
          },
          undo: 'kill %1; wait',
        },
        {
          // Born there, but no longer there.
          run: {
            v1: `sleep 300 & echo $! > ${V1}/cgroup.procs`,
            v2: `sleep 300 & echo $! > ${V2}/init/cgroup.procs`,
          },
          because: {
            v1: 'a process that was started in /lfnw of the pids hierarchy, only your shell is in it',
            v2: 'a process that was started in /lfnw, only your shell is in it',
          },
          undo: 'kill %1; wait',
        },
      ],
      alternatives: [{ run: 'tail -f /dev/null &' }, { run: 'setsid sleep 600 &' }],
    },

    remove: {
      check: all(lfnw.isGone(), shell().isOutOf(lfnw)),
      after: ['move', 'child'],
      wrong: [
        {
          // The sleep is gone, the shell is not.
          run: 'kill %1; wait',
          because: {
            v1: 'no group /lfnw in the pids hierarchy, it is still there, with processes in it',
            v2: 'no group /lfnw, it is still there, with processes in it',
          },
          undo: 'sleep 600 &',
        },
        {
          // Everything has left, the empty group stays.
          run: {
            v1: `kill %1; wait; echo $$ > ${V1}/cgroup.procs`,
            v2: `kill %1; wait; echo $$ > ${V2}/init/cgroup.procs`,
          },
          because: {
            v1: 'no group /lfnw in the pids hierarchy, it is still there, empty',
            v2: 'no group /lfnw, it is still there, empty',
          },
          undo: {
            v1: `echo $$ > ${V1}/lfnw/cgroup.procs; sleep 600 &`,
            v2: `echo $$ > ${V2}/lfnw/cgroup.procs; sleep 600 &`,
          },
        },
      ],
      alternatives: [
        {
          run: {
            v1: `for pid in $(cat ${V1}/lfnw/cgroup.procs); do echo $pid > ${V1}/cgroup.procs; done 2>/dev/null; rmdir ${V1}/lfnw`,
            v2: `for pid in $(cat ${V2}/lfnw/cgroup.procs); do echo $pid > ${V2}/init/cgroup.procs; done 2>/dev/null; rmdir ${V2}/lfnw`,
          },
        },
      ],
    },
  },
} satisfies Lesson
