import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, relative, resolve } from 'node:path'
import process from 'node:process'
import { pathToFileURL } from 'node:url'
import t, { type Test } from 'tap'
import { missingPart } from '../fixtures/real-part.ts'
import { startRedis } from '../fixtures/redis-server.ts'

// What npm would publish, unpacked as npm would install it, with the dependencies that are installed here.
const project = t.testdir({ node_modules: {} })
const modules = join(project, 'node_modules')
const packed = pack()
const installed = join(modules, 'forage-gateway')

interface Manifest {
  readonly version: string
  readonly bin: Readonly<Record<string, string>>
  readonly exports: Readonly<Record<string, { readonly types: string; readonly default: string } | string>>
  readonly dependencies: Readonly<Record<string, string>>
  readonly peerDependencies: Readonly<Record<string, string>>
}

const manifest = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as Manifest
const entries = Object.entries(manifest.exports).flatMap(([path, target]) =>
  typeof target === 'string' ? [] : [{ name: path.replace('.', 'forage-gateway'), ...target }],
)

function pack(): readonly string[] {
  const args = ['pack', '--ignore-scripts', '--json', '--loglevel=error', '--pack-destination', project]
  const [{ filename, files }] = JSON.parse(execFileSync('npm', args, { encoding: 'utf8' })) as [Packed]
  execFileSync('tar', ['-xzf', join(project, filename), '-C', project])
  renameSync(join(project, 'package'), join(modules, 'forage-gateway'))
  return files.map(({ path }) => path)
}

interface Packed {
  readonly filename: string
  readonly files: readonly { readonly path: string }[]
}

function linkModules(names: readonly string[]): void {
  for (const name of names) {
    const link = join(modules, name)
    mkdirSync(join(link, '..'), { recursive: true })
    if (!existsSync(link)) symlinkSync(resolve('node_modules', name), link)
  }
}

linkModules(Object.keys(manifest.dependencies))

t.test('the package holds the compiled sources, what they read, and what people read, and no more', async t => {
  const sources = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.ts'))
  const modules = sources.filter(file => !file.startsWith('cli/'))
  const program = packed.filter(file => /^dist\/cli\/parts\/[\w-]+\.js$/.test(file))
  t.same(
    packed.toSorted(),
    [
      ...modules.flatMap(file => ['.js', '.d.ts'].map(end => `dist/${file.replace(/\.ts$/, end)}`)),
      'dist/cli/main.js',
      ...program,
      ...readdirSync('config').map(file => `config/${file}`),
      ...readdirSync('console').map(file => `console/${file}`),
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'docs/admin-api.yaml',
      'package.json',
    ].sort(),
  )
})

t.test('the program is few files, and all of them are made from our sources alone', async t => {
  const maps = readdirSync('dist/cli', { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.js.map'))
  const made = maps.flatMap(map => {
    const { sources } = JSON.parse(readFileSync(join('dist/cli', map), 'utf8')) as {
      readonly sources: readonly string[]
    }
    return sources.map(source => relative('.', resolve('dist/cli', map, '..', source)))
  })
  t.ok(made.includes('src/cli/main.ts') && made.includes('src/gate/decide.ts'))
  t.same(
    made.filter(source => !source.startsWith('src/')),
    [],
  )
  t.ok(maps.length * 5 < made.length, `${maps.length} files of ${made.length} sources`)
})

t.test('what is installed with the package is under licences that ask for no more than a notice', async t => {
  const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as { packages: Record<string, Locked> }
  const installedWith = Object.values(lock.packages).filter(
    ({ dev, devOptional, peer }) => !dev && !devOptional && !peer,
  )
  t.same([...new Set(installedWith.map(({ license }) => license))].sort(), [
    'Apache-2.0',
    'BlueOak-1.0.0',
    'ISC',
    'MIT',
  ])
})

interface Locked {
  readonly license?: string
  readonly dev?: boolean
  readonly devOptional?: boolean
  readonly peer?: boolean
}

t.test('every entry of the package has its module and its types', async t => {
  t.same(
    entries.map(({ name }) => name),
    [
      'forage-gateway',
      'forage-gateway/client',
      'forage-gateway/connect',
      'forage-gateway/fastify',
      'forage-gateway/http-proxy',
    ],
  )
  for (const { types, default: module } of entries)
    t.same(
      [types, module].filter(file => !packed.includes(file.replace('./', ''))),
      [],
    )
})

t.test('a consumer can import and require every entry without any optional peer', async t => {
  const require = createRequire(join(project, 'consumer.mjs'))
  const { require_module: requiresModules } = process.features as { require_module?: boolean }
  for (const { name } of entries) {
    const imported = (await import(pathToFileURL(require.resolve(name)).href)) as object
    t.ok(Object.keys(imported).length > 0, name)
    if (requiresModules) t.equal(require(name), imported)
  }
})

t.test('the types of every entry resolve in a module and in a CommonJS file', async t => {
  linkModules(['@types/node', 'fastify'])
  const lines = entries.map(({ name }, index) => ({ name, index }))
  writeFileSync(join(project, 'package.json'), '{"type":"module"}')
  writeFileSync(
    join(project, 'module.ts'),
    `${lines.map(({ name, index }) => `import * as entry${index} from '${name}'`).join('\n')}
import { createGateway, type Decision, type Gateway } from 'forage-gateway'
export const gateway: (config: Parameters<typeof createGateway>[0]) => Promise<Gateway> = createGateway
export type Kept = Decision
// @ts-expect-error the types are real ones: a number is no configuration
void createGateway(1)
export const all: readonly object[] = [${lines.map(({ index }) => `entry${index}`).join(', ')}]
`,
  )
  writeFileSync(
    join(project, 'common.cts'),
    `${lines.map(({ name, index }) => `import entry${index} = require('${name}')`).join('\n')}
export = [${lines.map(({ index }) => `entry${index}`).join(', ')}]
`,
  )
  const options =
    '--noEmit --strict --exactOptionalPropertyTypes --skipLibCheck --module nodenext --target es2023 --lib es2023 --types node'
  const { stdout, status } = spawnSync(
    process.execPath,
    [resolve('node_modules/typescript/bin/tsc'), ...options.split(' '), 'module.ts', 'common.cts'],
    { cwd: project, encoding: 'utf8' },
  )
  t.equal(stdout, '')
  t.equal(status, 0)
})

t.test('the program of the package runs the demo from an empty folder, and ends in order', async t => {
  const program = join(installed, manifest.bin['forage-gateway'] ?? '')
  // On free ports, so that it gets into nobody's way.
  const demo = join(installed, 'config/demo.yaml')
  writeFileSync(demo, readFileSync(demo, 'utf8').replaceAll(/port: \d+/g, 'port: 0'))
  const child = spawn(process.execPath, [program, 'demo'], { cwd: t.testdir(), stdio: ['ignore', 'pipe', 'ignore'] })
  t.teardown(() => child.kill('SIGKILL'))
  const exit = once(child, 'exit')
  let shown = ''
  for await (const chunk of child.stdout.iterator({ destroyOnReturn: false })) {
    shown += chunk
    if (shown.includes('Ctrl-C stops')) break
  }
  t.match(shown, new RegExp(`^forage-gateway ${manifest.version} listening on http://127\\.0\\.0\\.1:\\d+ `))
  const pasted = [...shown.matchAll(/^# (\d{3}).*\n(curl .+)$/gm)].slice(0, 3)
  const answers = pasted.map(([, , line = '']) => execFileSync('bash', ['-c', line], { encoding: 'utf8' }))
  t.same(
    answers.map(answer => answer.slice(0, 'HTTP/1.1 000'.length)),
    pasted.map(([, status]) => `HTTP/1.1 ${status}`),
  )
  t.same(
    pasted.map(([, status]) => status),
    ['200', '201', '401'],
  )
  child.kill('SIGTERM')
  t.same(await exit, [0, null])
})

const yaml = (more: string) => `environment: mock
listen: { host: 127.0.0.1, port: 0 }
upstream: { api: "http://127.0.0.1:9" }
session: { verify: signature, jwt: { secret: { value: ${randomBytes(32).toString('hex')} } } }
policy: { file: ${join(installed, 'config/policy.yaml')} }
${more}`

/** Starts the program with the configuration of a folder, and waits until it has said so much. */
async function startProgram(t: Test, folder: string, said: readonly string[]) {
  const program = join(installed, manifest.bin['forage-gateway'] ?? '')
  const args = [program, 'start', '--config', join(folder, 'gateway.yaml')]
  const child = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(() => child.kill('SIGKILL'))
  const exit = once(child, 'exit')
  let shown = ''
  for await (const chunk of child.stdout.iterator({ destroyOnReturn: false })) {
    shown += chunk
    if (said.every(text => shown.includes(text)) && shown.endsWith('\n')) break
  }
  child.stdout.resume()
  const [, url = ''] = /listening on (\S+)/.exec(shown) ?? []
  return {
    url,
    shown,
    stop() {
      child.kill('SIGTERM')
      return exit
    },
  }
}

t.test('what the program of the package loads when it is asked for is there: workers, audit trail, traces', async t => {
  linkModules(Object.keys(manifest.peerDependencies))
  const more = 'workers: 2\naudit: { destination: audit.log }\ntracing: { otlpEndpoint: "http://127.0.0.1:9" }\n'
  const folder = t.testdir({ 'gateway.yaml': yaml(more) })
  const { url, stop } = await startProgram(t, folder, ['listening on '])
  t.equal((await fetch(`${url}/api/orders/0a1b2c3d4e/`)).status, 401)
  t.same(await stop(), [0, null])
  t.match(readFileSync(join(folder, 'audit.log'), 'utf8'), '"reason":"credentials_missing"')
})

t.test('and so is shared state', { skip: missingPart('redis-server') }, async t => {
  const redis = await startRedis(t)
  const folder = t.testdir({ 'gateway.yaml': yaml(`state: { redisUrl: "${redis.url}" }\n`) })
  const { shown, stop } = await startProgram(t, folder, ['listening on ', '"event":"state_'])
  t.match(shown, '"event":"state_connected"')
  t.same(await stop(), [0, null])
})
