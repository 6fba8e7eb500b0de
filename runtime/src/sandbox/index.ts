export { DEFAULT_CACHE, ensureImage, type Image, type ImageOptions } from './image.ts'
export { DEFAULT_LIMITS, type Limits } from './limits.ts'
export { requireRoot } from './preconditions.ts'
export { type ExecOptions as SandboxExecOptions, Sandbox } from './sandbox.ts'
export {
  type CreateOptions,
  DEFAULT_CGROUP_PARENT,
  DEFAULT_DATA,
  SandboxHost,
  type SandboxHostOptions,
} from './sandbox-host.ts'
