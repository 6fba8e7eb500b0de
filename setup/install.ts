/** What a machine needs before the server runs on it: packages, the sandboxes' image, the site. Again at once when it is there. */
import { ensureImage } from '../runtime/src/index.ts'
import { ensurePackages, toServe } from './debian-packages.ts'
import { ensureSite } from './site.ts'
import { progressLines, requireLinuxRoot, runTask } from './task.ts'

export async function install(
  progress: (words: string) => void,
  options: { cache?: string } = {},
): Promise<void> {
  requireLinuxRoot('serve the workbook')
  await ensurePackages(await toServe(), progress)
  await ensureImage({ ...options, onProgress: progress })
  await ensureSite(progress)
}

if (import.meta.main) await runTask(() => install(progressLines()))
