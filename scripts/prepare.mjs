// Makes `npm start` and `npm test` work as the first command of a fresh clone: installs what the lock file says when
// node_modules does not hold it yet, and with --build compiles when dist/ is older than a source. Says what it does.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 18)) {
  process.stderr.write(`forage-gateway needs Node.js 20.18.1 or newer; this is ${process.versions.node}.\n`)
  process.exit(78)
}

if (!isInstalled())
  run('Installing dependencies (once; about half a minute) …', ['ci', '--no-audit', '--no-fund', '--loglevel=error'])
if (process.argv.includes('--build') && !isBuilt()) run('Compiling TypeScript to dist/ …', ['run', '-s', 'build'])

function run(message, args) {
  process.stderr.write(`${message}\n`)
  const { status } = spawnSync('npm', args, {
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  })
  if (status !== 0) process.exit(status ?? 70)
}

/** npm writes node_modules/.package-lock.json last: it names what is installed. */
function isInstalled() {
  const installed = 'node_modules/.package-lock.json'
  if (!existsSync(installed)) return false
  return packagesOf('package-lock.json') === packagesOf(installed)
}

/** Name and version of every package of a lock file that is not optional (those differ by platform). */
function packagesOf(file) {
  const { packages } = JSON.parse(readFileSync(file, 'utf8'))
  const names = Object.entries(packages).filter(
    ([path, entry]) => path !== '' && !entry.optional && !entry.devOptional && !entry.peer,
  )
  return names
    .map(([path, { version }]) => `${path}@${version}`)
    .sort()
    .join('\n')
}

function isBuilt() {
  const program = 'dist/cli/main.js'
  return existsSync(program) && newestChange('src') < statSync(program).mtimeMs
}

function newestChange(folder) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile())
  const inputs = [
    ...files.map(file => join(file.parentPath ?? file.path, file.name)),
    'package.json',
    'tsconfig.json',
    'tsconfig.build.json',
    'scripts/bundle.mjs',
  ]
  return Math.max(...inputs.map(file => statSync(file).mtimeMs))
}
