export * from './observer.ts'
export * from './shell-pid.ts'
