/**
 * What of the sandbox's state a near miss could have changed, to be compared: processes, groups, and all that
 * the step's check has read. A near miss that leaves it as it was proves nothing about the check.
 */
import type { Check, Observation } from '@docker-internals/runtime/model'

export async function footprint(check: Check, observation: Observation): Promise<object> {
  const read: Record<string, unknown> = { answer: observation.answer }
  const noting: Observation = {
    ...observation,
    cgroupFile: note('cgroupFile'),
    cgroups: note('cgroups'),
    mounts: note('mounts'),
    inside: note('inside'),
    output: note('output'),
  }
  await check.observe(noting)
  const processes = (await observation.processes()).map(({ insidePid, name, cgroups, namespaces }) => ({
    ...{ insidePid, name, cgroups, namespaces },
  }))
  const groups = await observation.cgroups('pids')
  return { processes, groups, read }

  function note<K extends 'cgroupFile' | 'cgroups' | 'mounts' | 'inside' | 'output'>(method: K) {
    const original = observation[method] as (...args: unknown[]) => Promise<unknown>
    return (async (...args: unknown[]) => {
      const result = await original(...args)
      read[`${method} ${args.join(' ')}`] = result
      return result
    }) as Observation[K]
  }
}
