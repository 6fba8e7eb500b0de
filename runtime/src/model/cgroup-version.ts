/**
 * The two designs of control groups. `v1` also stands for a hybrid host: one that has its controllers
 * on v1 hierarchies and an empty v2 hierarchy beside them. See cgroups(7).
 */
export type CgroupVersion = 'v1' | 'v2'

/** A value that is the same for both designs, or one for each. */
export type PerVersion<T> = T | { readonly v1: T; readonly v2: T }

export function forVersion<T>(value: PerVersion<T>, version: CgroupVersion): T {
  return typeof value === 'object' && value !== null && 'v1' in value && 'v2' in value
    ? value[version]
    : (value as T)
}
