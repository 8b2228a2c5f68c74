import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Absolute path of a file of this package. The code runs from dist/ and from build/: the way up is searched. */
export function packageFile(...parts: readonly string[]): string {
  return join(packageRoot(), ...parts)
}

/** Version of this package. */
export function packageVersion(): string {
  return (JSON.parse(readFileSync(packageFile('package.json'), 'utf8')) as { readonly version: string }).version
}

function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder)
    if (parent === folder) throw new Error('the package.json of forage-gateway is missing')
    folder = parent
  }
  return folder
}
