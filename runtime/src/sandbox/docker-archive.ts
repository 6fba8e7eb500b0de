/**
 * Writes a tar of a file system as an image that `docker load` takes: manifest.json, a config, one layer.
 * The layout `docker save` has had since 1.10: https://github.com/moby/docker-image-spec
 */
import { createHash } from 'node:crypto'
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { mustRun } from './command.ts'

export interface ArchivedImage {
  /** Repository and tag, "busybox:latest". */
  readonly name: string
  readonly command: readonly string[]
  readonly workingDirectory?: string
  readonly ports?: readonly string[]
}

/** @param layer a tar of the root file system. @param target the archive to write. */
export async function writeDockerArchive(image: ArchivedImage, layer: string, target: string): Promise<void> {
  const directory = await mkdtemp(`${target}-`)
  try {
    const config = JSON.stringify({
      architecture: { x64: 'amd64', arm64: 'arm64' }[process.arch as string] ?? process.arch,
      os: 'linux',
      // A fixed date: the same recipe gives the same image id on every machine.
      created: '2024-01-01T00:00:00Z',
      config: {
        Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
        Cmd: image.command,
        WorkingDir: image.workingDirectory ?? '',
        ...(image.ports ? { ExposedPorts: Object.fromEntries(image.ports.map((port) => [port, {}])) } : {}),
      },
      rootfs: { type: 'layers', diff_ids: [`sha256:${await sha256(layer)}`] },
      history: [{ created: '2024-01-01T00:00:00Z', created_by: 'docker-internals' }],
    })
    const configName = `${createHash('sha256').update(config).digest('hex')}.json`
    await writeFile(join(directory, configName), config)
    await copyFile(layer, join(directory, 'layer.tar'))
    const manifest = [{ Config: configName, RepoTags: [image.name], Layers: ['layer.tar'] }]
    await writeFile(join(directory, 'manifest.json'), JSON.stringify(manifest))
    const tar = ['tar', '--create', '--owner=0', '--group=0', '--numeric-owner', '--sort=name', '--mtime=@0']
    await mustRun([
      ...tar,
      '--directory',
      directory,
      '--file',
      target,
      'manifest.json',
      configName,
      'layer.tar',
    ])
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

async function sha256(file: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(file))
    .digest('hex')
}
