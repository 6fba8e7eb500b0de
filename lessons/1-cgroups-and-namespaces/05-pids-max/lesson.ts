import { all, type Check, cgroup, type Lesson, shell } from '@docker-internals/runtime'

const lfnw = cgroup('lfnw', { controller: 'pids' })
const inner = cgroup('lfnw/inner', { controller: 'pids' })

const V1 = '/sys/fs/cgroup/pids'
const V2 = '/sys/fs/cgroup'

/**
 * Which group counts a refused fork differs: the one it happened in, or, on v2 since Linux 6.11, the one with the limit.
 * So the larger count speaks, and how many a few are is left open.
 */
const refusals = (least: number): Check => ({
  kind: 'counter',
  async observe(observation) {
    const expected = `at least ${least} forks refused in /lfnw or below it`
    const counts = [lfnw, inner].map(async ({ path }) => {
      const events = await observation.cgroupFile('pids', path, 'pids.events')
      return Number(/^max (\d+)$/m.exec(events ?? '')?.[1] ?? 0)
    })
    const refused = Math.max(...(await Promise.all(counts)))
    if (refused >= least) return { passed: true, expected, seen: `${refused} forks were refused` }
    return { passed: false, expected, seen: refused === 0 ? 'none was' : 'only a few were' }
  },
})

const BOMB = '(bomb() { bomb | bomb & }; bomb) 2>/dev/null; sleep 3'

export default {
  steps: {
    cage: {
      check: shell().isIn(lfnw),
      wrong: [
        {
          // The group is there, and the wrong process is in it.
          run: {
            v1: `mkdir ${V1}/lfnw; sleep 300 & echo $! > ${V1}/lfnw/tasks`,
            v2: `mkdir ${V2}/lfnw; sleep 300 & echo $! > ${V2}/lfnw/cgroup.procs`,
          },
          because: {
            v1: 'your shell in /lfnw of the pids hierarchy, it is in /',
            v2: 'your shell in /lfnw, it is in /init',
          },
          undo: { v1: `kill %1; wait; rmdir ${V1}/lfnw`, v2: `kill %1; wait; rmdir ${V2}/lfnw` },
        },
        {
          // The shell is in a group of that name, which is not the one asked for.
          run: {
            v1: `mkdir -p ${V1}/home/lfnw; echo $$ > ${V1}/home/lfnw/tasks`,
            v2: `mkdir -p ${V2}/home/lfnw; echo $$ > ${V2}/home/lfnw/cgroup.procs`,
          },
          because: {
            v1: 'your shell in /lfnw of the pids hierarchy, it is in /home/lfnw',
            v2: 'your shell in /lfnw, it is in /home/lfnw',
          },
          undo: {
            v1: `echo $$ > ${V1}/tasks; rmdir ${V1}/home/lfnw ${V1}/home`,
            v2: `echo $$ > ${V2}/init/cgroup.procs; rmdir ${V2}/home/lfnw ${V2}/home`,
          },
        },
      ],
      alternatives: [
        { run: 'cgcreate -g pids:lfnw\ncgclassify -g pids:lfnw $$' },
        {
          run: {
            v1: `mkdir ${V1}/lfnw; bash -c 'echo $$ > ${V1}/lfnw/cgroup.procs; exec bash'`,
            v2: `mkdir ${V2}/lfnw; bash -c 'echo $$ > ${V2}/lfnw/cgroup.procs; exec bash'`,
          },
        },
      ],
    },

    cap: {
      check: lfnw.file('pids.max').is(2),
      wrong: [
        {
          run: { v1: `echo 20 | sudo tee ${V1}/lfnw/pids.max`, v2: `echo 20 | sudo tee ${V2}/lfnw/pids.max` },
          because: 'pids.max of /lfnw to be 2, it is 20',
          undo: { v1: `echo max > ${V1}/lfnw/pids.max`, v2: `echo max > ${V2}/lfnw/pids.max` },
        },
        {
          // The right limit on a group below.
          run: {
            v1: `mkdir ${V1}/lfnw/below; echo 2 > ${V1}/lfnw/below/pids.max`,
            v2: `mkdir ${V2}/lfnw/below; echo +pids > ${V2}/lfnw/cgroup.subtree_control; echo 2 > ${V2}/lfnw/below/pids.max`,
          },
          because: 'pids.max of /lfnw to be 2, it is max',
          undo: {
            v1: `rmdir ${V1}/lfnw/below`,
            v2: `echo -pids > ${V2}/lfnw/cgroup.subtree_control; rmdir ${V2}/lfnw/below`,
          },
        },
      ],
      alternatives: [
        { run: 'cgset -r pids.max=2 lfnw' },
        { run: { v1: `printf 2 > ${V1}/lfnw/pids.max`, v2: `printf 2 > ${V2}/lfnw/pids.max` } },
      ],
    },

    refused: {
      check: lfnw.counter('pids.events', 'max').isAtLeast(1),
      wrong: [
        {
          // As many as are allowed, and not one more.
          run: 'sleep 300 &',
          because: '"max" in pids.events of /lfnw to be at least 1, it is 0',
          undo: 'kill %1; wait',
        },
        {
          // A fork is refused, but elsewhere.
          run: {
            v1: `mkdir ${V1}/other; echo 2 > ${V1}/other/pids.max; echo $$ > ${V1}/other/tasks; perl -e 'fork'`,
            v2: `mkdir ${V2}/other; echo 2 > ${V2}/other/pids.max; echo $$ > ${V2}/other/cgroup.procs; perl -e 'fork'`,
          },
          because: '"max" in pids.events of /lfnw to be at least 1, it is 0',
          undo: {
            v1: `echo $$ > ${V1}/lfnw/tasks; rmdir ${V1}/other`,
            v2: `echo $$ > ${V2}/lfnw/cgroup.procs; rmdir ${V2}/other`,
          },
        },
      ],
      alternatives: [{ run: "perl -e 'fork'" }],
    },

    above: {
      check: all(shell().isIn(inner), lfnw.file('pids.max').is(2), inner.file('pids.max').is('max')),
      wrong: [
        {
          // In the right place, and the limit above is gone.
          run: {
            v1: `echo max > ${V1}/lfnw/pids.max; mkdir ${V1}/lfnw/inner; echo $$ > ${V1}/lfnw/inner/tasks`,
            v2: `echo max > ${V2}/lfnw/pids.max; mkdir ${V2}/lfnw/inner; echo $$ > ${V2}/lfnw/inner/cgroup.procs; echo +pids > ${V2}/lfnw/cgroup.subtree_control`,
          },
          because: 'pids.max of /lfnw to be 2, it is max',
          undo: {
            v1: `echo $$ > ${V1}/lfnw/tasks; rmdir ${V1}/lfnw/inner; echo 2 > ${V1}/lfnw/pids.max`,
            v2: `echo -pids > ${V2}/lfnw/cgroup.subtree_control; echo $$ > ${V2}/lfnw/cgroup.procs; rmdir ${V2}/lfnw/inner; echo 2 > ${V2}/lfnw/pids.max`,
          },
        },
        {
          // The limit is copied onto the group below, where it proves nothing.
          run: {
            v1: `mkdir ${V1}/lfnw/inner; echo 2 > ${V1}/lfnw/inner/pids.max; echo $$ > ${V1}/lfnw/inner/tasks`,
            v2: `mkdir ${V2}/lfnw/inner; echo $$ > ${V2}/lfnw/inner/cgroup.procs; echo +pids > ${V2}/lfnw/cgroup.subtree_control; echo 2 > ${V2}/lfnw/inner/pids.max`,
          },
          because: 'pids.max of /lfnw/inner to be max, it is 2',
          undo: {
            v1: `echo $$ > ${V1}/lfnw/tasks; rmdir ${V1}/lfnw/inner`,
            v2: `echo -pids > ${V2}/lfnw/cgroup.subtree_control; echo $$ > ${V2}/lfnw/cgroup.procs; rmdir ${V2}/lfnw/inner`,
          },
        },
      ],
    },

    bomb: {
      check: all(lfnw.file('pids.current').isAtLeast(10), refusals(20)),
      wrong: [
        {
          // A few tasks are no bomb.
          run: {
            v1: `echo 20 > ${V1}/lfnw/pids.max; for i in 1 2 3 4 5; do sleep 300 & done`,
            v2: `echo 20 > ${V2}/lfnw/pids.max; for i in 1 2 3 4 5; do sleep 300 & done`,
          },
          because: 'pids.current of /lfnw to be at least 10, it is 6',
          undo: {
            v1: `kill $(jobs -p); wait; echo 2 > ${V1}/lfnw/pids.max`,
            v2: `kill $(jobs -p); wait; echo 2 > ${V2}/lfnw/pids.max`,
          },
        },
        {
          // Full to the brim, and nobody was refused.
          run: {
            v1: `echo 20 > ${V1}/lfnw/pids.max; for i in {1..19}; do sleep 300 & done`,
            v2: `echo 20 > ${V2}/lfnw/pids.max; for i in {1..19}; do sleep 300 & done`,
          },
          because: 'at least 20 forks refused in /lfnw or below it, only a few were',
          undo: {
            v1: `kill %{1..19}; wait; echo 2 > ${V1}/lfnw/pids.max`,
            v2: `kill %{1..19}; wait; echo 2 > ${V2}/lfnw/pids.max`,
          },
        },
      ],
      alternatives: [
        {
          run: {
            v1: `echo 20 > ${V1}/lfnw/pids.max; perl -e 'for (;;) { fork or select undef, undef, undef, 0.1 }' &\nsleep 1 0`,
            v2: `echo 20 > ${V2}/lfnw/pids.max; perl -e 'for (;;) { fork or select undef, undef, undef, 0.1 }' &\nsleep 1 0`,
          },
        },
      ],
    },

    defuse: {
      check: lfnw.isEmpty(),
      after: ['bomb'],
      wrong: [
        {
          // It can grow no more, and lives.
          run: {
            v1: `echo $$ > ${V1}/tasks; echo 0 > ${V1}/lfnw/pids.max`,
            v2: `echo $$ > ${V2}/init/cgroup.procs; echo 0 > ${V2}/lfnw/pids.max`,
          },
          because: {
            v1: 'nothing in /lfnw of the pids hierarchy or below it, something still is',
            v2: 'nothing in /lfnw or below it, something still is',
          },
          undo: {
            v1: `echo $$ > ${V1}/lfnw/inner/tasks; echo 20 > ${V1}/lfnw/pids.max`,
            v2: `echo $$ > ${V2}/lfnw/inner/cgroup.procs; echo 20 > ${V2}/lfnw/pids.max`,
          },
        },
        {
          // The bomb is over, and your shell sits in the empty cage.
          run: {
            v1: `echo 0 > ${V1}/lfnw/pids.max; echo $$ > ${V1}/lfnw/tasks; mapfile -t all < ${V1}/lfnw/inner/cgroup.procs; kill -9 \${all[@]}`,
            v2: `echo $$ > ${V2}/init/cgroup.procs; echo 1 > ${V2}/lfnw/cgroup.kill; echo $$ > ${V2}/lfnw/inner/cgroup.procs`,
          },
          because: {
            v1: 'nothing in /lfnw of the pids hierarchy or below it, your shell still is',
            v2: 'nothing in /lfnw or below it, your shell still is',
          },
          undo: {
            v1: `echo $$ > ${V1}/lfnw/inner/tasks; echo 20 > ${V1}/lfnw/pids.max; ${BOMB}`,
            v2: `${BOMB}`,
          },
        },
      ],
    },
  },
} satisfies Lesson
