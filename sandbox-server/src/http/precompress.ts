/** Compresses a built site once, so that the server never compresses while somebody waits. */
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, gzip, constants as zlib } from 'node:zlib'

const WORTH_IT = /\.(html|css|js|mjs|json|svg|txt|xml|webmanifest|map)$/
/** Bytes below which headers outweigh what is saved. */
const SMALLEST = 1024

const brotli = promisify(brotliCompress)
const gz = promisify(gzip)

/** Writes `x.br` and `x.gz` beside each compressible file of `dir`; ones left by an earlier build go. */
export async function precompress(dir: string): Promise<void> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  await Promise.all(files.filter((file) => /\.(br|gz)$/.test(file)).map((file) => rm(file)))
  for (const file of files.filter((file) => WORTH_IT.test(file))) {
    if ((await stat(file)).size < SMALLEST) continue
    const bytes = await readFile(file)
    const text = {
      [zlib.BROTLI_PARAM_MODE]: zlib.BROTLI_MODE_TEXT,
      [zlib.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    }
    const [small, older] = await Promise.all([brotli(bytes, { params: text }), gz(bytes, { level: 9 })])
    await Promise.all([writeFile(`${file}.br`, small), writeFile(`${file}.gz`, older)])
  }
}
