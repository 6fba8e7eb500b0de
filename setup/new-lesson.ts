/** `npm run new-lesson`: a lesson to fill in. */
import { main } from '../lessons/src/new-lesson.ts'
import { runTask } from './task.ts'

await runTask(() => main(process.argv.slice(2)))
