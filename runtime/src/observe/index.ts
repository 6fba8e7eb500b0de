export * from './observer.ts'
