// Puts the program (dist/cli) into few files: Node takes longer to find and read hundreds of modules than to run them, and every
// start, worker and command pays for it. Only our own code: what is installed stays what `npm audit` and an SBOM see.
// The entries that other programs import stay as they were compiled.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { build } from 'esbuild'

const folder = 'dist/cli'

const { outputFiles } = await build({
  entryPoints: [`${folder}/main.js`],
  outdir: folder,
  // A command that is loaded when it is asked for stays a file of its own.
  chunkNames: 'parts/[name]-[hash]',
  bundle: true,
  splitting: true,
  packages: 'external',
  platform: 'node',
  format: 'esm',
  target: 'node20',
  charset: 'utf8',
  sourcemap: 'linked',
  sourcesContent: false,
  write: false,
})

rmSync(folder, { recursive: true })
for (const { path, contents } of outputFiles) {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, contents)
}
