import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import process from 'node:process'
import t, { type Test } from 'tap'
import { parse } from 'yaml'
import { loadSample } from './sample-config.ts'

const dockerfile = readFileSync('deploy/docker/Dockerfile', 'utf8')
const [, ...stages] = dockerfile.split(/^FROM /m)
const image = stages.at(-1) ?? ''
const ignored = readFileSync('.dockerignore', 'utf8').split('\n')

async function startAnswering(t: Test, status: number): Promise<string> {
  const server = createServer((_, response) => response.writeHead(status).end()).listen(0, '127.0.0.1')
  t.teardown(() => server.close())
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/livez`
}

async function checkHealth(url: string): Promise<unknown> {
  const child = spawn(process.execPath, ['deploy/docker/healthcheck.mjs'], { env: { HEALTH_URL: url } })
  const [code] = await once(child, 'exit')
  return code
}

t.test('the health check is 0 for an answer of 200, and 1 for any other and for none', async t => {
  const gone = createServer().listen(0, '127.0.0.1')
  await once(gone, 'listening')
  const nobody = `http://127.0.0.1:${(gone.address() as AddressInfo).port}/livez`
  gone.close()
  const urls = [await startAnswering(t, 200), await startAnswering(t, 503), nobody]
  t.same(await Promise.all(urls.map(checkHealth)), [0, 1, 1])
})

t.test('the image has no shell, does not run as root, and cannot write to its program', async t => {
  t.equal(stages.length, 2)
  t.match(image, /^gcr\.io\/distroless\/nodejs24-debian13:nonroot\n/)
  t.match(image, /^USER 65532:65532$/m)
  t.notMatch(image, /^RUN|--chown|^ADD/m)
  t.match(image, /^ENTRYPOINT \["\/nodejs\/bin\/node", "\/app\/dist\/cli\/main\.js"\]$/m)
  t.match(image, /^HEALTHCHECK .+\n {2}CMD \["\/nodejs\/bin\/node", "\/app\/healthcheck\.mjs"\]$/m)
  t.notMatch(dockerfile, /^(?:ARG|ENV) \w*(?:TOKEN|SECRET|PASSWORD|KEY)/m)
})

t.test('the build is given what the package holds and what makes it, and nothing else of a working copy', async t => {
  const { files } = JSON.parse(readFileSync('package.json', 'utf8')) as { files: string[] }
  const packed = files.filter(file => file !== 'dist' && !file.startsWith('!'))
  const inputs = ['package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json', 'scripts', 'src']
  const extra = ['deploy/docker/healthcheck.mjs', 'LICENSE', 'README.md']
  const wanted = [...inputs, ...packed, ...extra].map(file => `!${file}`).sort()
  t.same(ignored.filter(line => line.startsWith('!')).sort(), wanted)
  t.equal(
    ignored.find(line => line !== '' && !line.startsWith('#')),
    '*',
  )
})

interface Service {
  readonly ports?: readonly string[]
  readonly secrets: readonly string[]
  readonly networks: readonly string[]
  readonly stop_grace_period?: string
}

interface Compose {
  readonly services: { readonly gateway: Service; readonly redis: Service }
  readonly secrets: Readonly<Record<string, { readonly file: string }>>
  readonly networks: Readonly<Record<string, { readonly internal?: boolean }>>
}

const compose = parse(readFileSync('deploy/compose/compose.yaml', 'utf8')) as Compose

t.test('the services of Compose have what they need, and are reached from this machine only', async t => {
  const { gateway, redis } = compose.services
  for (const service of [gateway, redis])
    t.match(service, {
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      ulimits: { core: 0 },
    })
  t.same(gateway.ports, ['127.0.0.1:8080:8080', '127.0.0.1:9090:9090'])
  t.equal(redis.ports, undefined)
  t.same(redis.networks, ['inside'])
  t.equal(compose.networks.inside?.internal, true)
})

t.test(
  'the configuration of Compose is fit to run, with the secrets that it is given and the time that it needs to end',
  async t => {
    const { config, secretFiles, longestEndMs } = loadSample(t, 'deploy/compose/gateway.yaml')
    t.match(config, { listen: { host: '0.0.0.0', port: 8080 }, admin: { host: '0.0.0.0', port: 9090 } })
    const { gateway, redis } = compose.services
    t.same(secretFiles.map(file => file.replace('/run/secrets/', '')).sort(), [...gateway.secrets].sort())
    t.ok(Number.parseInt(gateway.stop_grace_period ?? '', 10) * 1000 > longestEndMs)
    const made = /^for name in (.+); do$/m.exec(readFileSync('deploy/compose/make-secrets.sh', 'utf8'))?.[1]?.split(' ')
    t.same(made?.sort(), Object.keys(compose.secrets).sort())
    t.same([...new Set([...gateway.secrets, ...redis.secrets])].sort(), made)
    t.ok(readdirSync('deploy/compose').includes('.gitignore'))
  },
)
