import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { z } from 'zod'
import { consoleAssets } from '../../src/admin/console-assets.ts'
import { type OpenApiDocument, readOpenApi } from '../../src/admin/openapi.ts'
import { adminToken, askAdmin } from '../fixtures/admin-client.ts'
import { aConfig, aSessionConfig } from '../fixtures/config.ts'
import { startGateway } from '../fixtures/gateway.ts'
import { at, send } from '../fixtures/http-client.ts'
import { aLiveToken } from '../fixtures/live-token.ts'
import { startRecorder } from '../fixtures/recorder.ts'

type Json = Readonly<Record<string, unknown>>

interface Operation {
  readonly security?: readonly unknown[]
  readonly requestBody?: { readonly content: Content }
  readonly responses: Readonly<Record<string, { readonly content?: Content; readonly $ref?: string }>>
}
type Content = Readonly<Record<string, { readonly schema: Json; readonly example?: unknown; readonly examples?: Json }>>

const document = readOpenApi() as OpenApiDocument & {
  readonly components: { readonly schemas: Json; readonly responses: Readonly<Record<string, { content: Content }>> }
}
const operations = Object.entries(document.paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, operation]) => {
    return { path, method: method.toUpperCase(), operation: operation as Operation }
  }),
)

/** Whether a value is what a schema of the document says. @returns what is wrong */
function problemsOf(schema: Json, value: unknown): string[] {
  const $defs = document.components.schemas
  const whole = JSON.parse(JSON.stringify({ ...schema, $defs }).replaceAll('#/components/schemas/', '#/$defs/'))
  const { error } = z.fromJSONSchema(whole).safeParse(value)
  return error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? []
}

t.test('the document has the routes that there are, and no others', async t => {
  const literal = /path: '(\/[^']*)'/g
  const files = readdirSync('src/admin').map(file => readFileSync(`src/admin/${file}`, 'utf8'))
  const written = files.flatMap(text => [...text.matchAll(literal)].map(([, path]) => path as string))
  const described = Object.keys(document.paths)
  t.same(described.filter(path => path !== '/console/{file}').sort(), [...new Set(written)].sort())
  const parameters = (document.paths['/console/{file}'] as { get: { parameters: { schema: { enum: string[] } }[] } })
    .get
  t.same(parameters.parameters[0]?.schema.enum, Object.keys(consoleAssets))
})

t.test('every operation has a name of its own, and every reference a target', async t => {
  const names = operations.map(({ operation }) => (operation as unknown as { operationId: string }).operationId)
  t.equal(new Set(names).size, names.length)
  const missing = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].filter(([, way = '']) => {
    return way.split('/').reduce<unknown>((at, name) => (at as Json)?.[name], document) === undefined
  })
  t.same(missing, [])
})

t.test('each example is what its schema says', async t => {
  const contents = [
    ...operations.flatMap(({ operation: { requestBody, responses } }) => [
      requestBody?.content,
      ...Object.values(responses).map(({ content }) => content),
    ]),
    ...Object.values(document.components.responses).map(({ content }) => content),
  ]
  let checked = 0
  for (const { schema, example, examples = {} } of contents.flatMap(content => Object.values(content ?? {}))) {
    const named = Object.values(examples).map(each => (each as { value: unknown }).value)
    for (const value of example === undefined ? named : [example, ...named]) {
      t.same(problemsOf(schema, value), [], JSON.stringify(value))
      checked++
    }
  }
  t.ok(checked > 14)
  t.not(problemsOf({ $ref: '#/components/schemas/Revocation' }, { all: false }).length, 0, 'a wrong one is found')
})

t.test('a running gateway answers as the document says, and asks for the token where it says so', async t => {
  const { url } = await startRecorder(t)
  const admin = { host: '127.0.0.1', port: 0, token: Buffer.from(adminToken) }
  const gateway = await startGateway(t, aConfig(url, { admin, session: aSessionConfig({ verify: 'ledger' }) }))
  const token = aLiveToken()
  const bodies: Readonly<Record<string, object>> = {
    '/tokens': { token, useCase: 'checkout' },
    '/revocations': { useCase: 'checkout' },
    '/explain': { method: 'GET', target: '/api/orders/abc/', token },
    '/console/token': { token },
  }
  await askAdmin(gateway.adminUrl, '/tokens', { body: { token } })
  await send({ ...at(gateway.url), path: '/api/orders/abc/', headers: { Authorization: `Bearer ${token}` } })
  for (const { path, method, operation } of operations) {
    const asked = { method, ...(method === 'POST' && { body: bodies[path] }) }
    const open = await askAdmin(gateway.adminUrl, path.replace('{file}', 'console.css'), { ...asked, token: null })
    const isProtected = operation.security !== undefined
    t.equal(open.status === 401, isProtected, `${method} ${path} without a token`)
    const answer = isProtected ? await askAdmin(gateway.adminUrl, path, asked) : open
    for (const { status, text, fields } of [open, answer]) {
      const written = operation.responses[status] ?? {}
      const name = written.$ref?.split('/').at(-1)
      const { content = {} } = name === undefined ? written : (document.components.responses[name] ?? {})
      const type = String(fields['content-type']).split(';')[0] as string
      t.ok(content[type], `${method} ${path}: ${status} ${type}`)
      if (type === 'application/json') t.same(problemsOf(content[type]?.schema ?? {}, JSON.parse(text)), [])
    }
  }
  const { status, text } = await askAdmin(gateway.adminUrl, '/tokens', { body: { token, useCase: 'balance' } })
  t.equal(status, 409)
  const differs = document.components.responses.RecordDiffers?.content['application/json']
  t.same(problemsOf(differs?.schema ?? {}, JSON.parse(text)), [])
  t.same(JSON.parse(text), differs?.example)
})

t.test('it is served as JSON, with the version of the gateway', async t => {
  const { url } = await startRecorder(t)
  const admin = { host: '127.0.0.1', port: 0, token: undefined }
  const gateway = await startGateway(t, aConfig(url, { admin }))
  const { text } = await askAdmin(gateway.adminUrl, '/openapi.json', { token: null })
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'))
  t.match(JSON.parse(text), { openapi: '3.1.1', info: { version }, paths: { '/explain': {} } })
})
