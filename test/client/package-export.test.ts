import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t from 'tap'

/** Not written where it is used: the compiler would look for it before it is built. */
const published = 'forage-gateway/client'

const app = `
import { createSessionFetch, type IssuedSessionToken, type SessionFetchOptions } from 'forage-gateway/client'
const issued: IssuedSessionToken = { token: 'a', expires_at: '2025-07-16T15:01:39Z' }
const options: SessionFetchOptions = { getSessionToken: async () => issued, baseUrl: new URL('https://a.example') }
const callApi: typeof fetch = createSessionFetch(options)
const answer: Response = await callApi(new Request('https://a.example/'), { method: 'POST', body: new FormData() })
export const order: unknown = await answer.json()
const asText: string = await createSessionFetch({ getSessionToken: () => 'a', fetch })('/', { headers: [['a', 'b']] }).then(a => a.text())
// @ts-expect-error: is required
createSessionFetch({})
// @ts-expect-error: is no number
const status: string = answer.status
export { asText, status }
`

t.test('the package gives the client under its own name', async t => {
  const { createSessionFetch, ...more } = await import(published)
  t.type(createSessionFetch, 'function')
  t.same(Object.keys(more), [])
  t.equal(
    (await createSessionFetch({ getSessionToken: () => 'a', baseUrl: 'https://a.example' })('data:,b')).status,
    200,
  )
})

t.test('what is published is plain modules that import each other only, next to one another', async t => {
  const folder = dirname(fileURLToPath(import.meta.resolve(published)))
  const files = readdirSync(folder).filter(file => file.endsWith('.js'))
  const imports = files.flatMap(file =>
    [...readFileSync(join(folder, file), 'utf8').matchAll(/\bfrom ["'](.+?)["']/g)].map(([, to]) => to as string),
  )
  t.ok(imports.includes('./session-tokens.js'), 'they are really read')
  t.same(
    imports.filter(to => !files.includes(to.replace(/^\.\//, ''))),
    [],
  )
})

for (const [where, lib, types] of [
  ['in a browser', ['es2023', 'dom'], []],
  ['in Node', ['es2023'], ['node']],
] as const) {
  t.test(`an app ${where} compiles with its types`, async t => {
    // The types of Node are not checked, which would take longest. Types of ours that did not fit would be `any` then,
    // and the lines of the app that must be errors would be none.
    const rules = { strict: true, exactOptionalPropertyTypes: true, skipLibCheck: true, noEmit: true }
    const compilerOptions = { ...rules, module: 'nodenext', target: 'es2023', lib, types }
    const folder = t.testdir({ 'app.ts': app, 'tsconfig.json': JSON.stringify({ compilerOptions }) })
    const compiler = fileURLToPath(import.meta.resolve('typescript/lib/tsc.js'))
    const compile = promisify(execFile)(process.execPath, [compiler, '--pretty', 'false', '-p', folder])
    const { stdout } = await compile.catch(error => error as { stdout: string })
    t.equal(stdout, '')
  })
}
