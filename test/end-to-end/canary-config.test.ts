/*
 * The question of canary.test.ts, for configurations: with secrets in the wrong places, and with files of secrets that are
 * no good. What a person wrote as the name of a file that is not for a secret is not among them.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { runCommand } from '../cli/run-command.ts'
import { aDocument, type Document } from '../fixtures/canary-config.ts'
import { findCanaries } from '../fixtures/canary-forms.ts'
import { randomText, Secrets } from '../fixtures/canary-secrets.ts'

/** Keys at which a secret is, or at which people put one. */
const secretKeys: readonly string[] = [
  ...['admin.token', 'session.jwt.secret', 'session.timestamped.secret', 'session.timestamped.salt'],
  ...['issuing.clientId', 'issuing.clientSecret', 'issuing.callers.backend.keys', 'issuing.merchantAccount'],
  ...['issuing.useCases', 'issuing.callers', 'issuing.callers.jwt', 'issuing.callers.jwt.jwksUrl', 'issuing.perCaller'],
  ...['session.jwt.jwksUrl', 'session.jwt.issuer', 'session.jwt.algorithms', 'session.verify', 'environment'],
  ...['upstream.api', 'upstream.localAddresses', 'state.redisUrl', 'state', 'tracing.otlpEndpoint', 'cors.origins'],
  ...['merchantAccounts', 'listen.host', 'listen.port', 'listen.trustedProxies', 'log.level', 'workers', 'limits'],
]

/** What somebody may write there. */
const mistakes: readonly ((secret: string) => unknown)[] = [
  secret => secret,
  secret => [secret],
  secret => [[secret]],
  secret => ({ value: secret }),
  secret => ({ file: secret }),
  secret => ({ env: secret }),
  secret => ({ [secret]: secret }),
  secret => ({ [secret]: {} }),
  secret => ({ file: 'the admin token', [secret]: 1 }),
  secret => [{ file: secret }, { value: secret }, { env: secret }],
  secret => `https://user:${secret}@shop.example/?key=${secret}`,
  secret => `redis://:${secret}@127.0.0.1:1/`,
]

/** A document with another value at a key. */
function withValue(document: Document, [key = '', ...rest]: readonly string[], value: unknown): Document {
  const inner = (document[key] ?? {}) as Document
  return { ...document, [key]: rest.length === 0 ? value : withValue(inner, rest, value) }
}

/** What is printed about a configuration that is no good. */
async function printed(folder: string, text: string, args: readonly string[] = ['check', '--json']): Promise<string> {
  const file = join(folder, 'gateway.yaml')
  writeFileSync(file, text)
  const { out, err } = await runCommand([...args, '--config', file])
  return out + err
}

for (const [kind, makeSecret] of [
  ['a token', () => `sandbox_${randomText(30)}`],
  ['a short secret', () => `${randomText(19)}7`],
] as const) {
  t.test(`${kind} at a wrong place of a configuration is not repeated`, async t => {
    const folder = t.testdir()
    const secrets = new Secrets()
    const document = aDocument(folder, secrets)
    const secret = secrets.add('the misplaced secret', makeSecret())
    const outputs = new Map<string, string>()
    for (const key of secretKeys) {
      for (const [index, mistake] of mistakes.entries()) {
        const wrong = withValue(document, key.split('.'), mistake(secret))
        outputs.set(`${key}, mistake ${index}`, await printed(folder, JSON.stringify(wrong)))
      }
    }
    outputs.set('a key', await printed(folder, JSON.stringify({ ...document, [secret]: 1 }), ['check']))
    const yaml = JSON.stringify(document)
    for (const line of [
      ...[`"${secret}": 1\n"${secret}": 2`, `a: *${secret}`, `a: !${secret} b`, `a: "${secret}`, `${secret}`],
      ...[
        `a: ${secret}: b`,
        `a: [${secret}`,
        `a: &${secret} *${secret}`,
        `\t${secret}`,
        `? ${secret}\n: b`,
        `a: %${secret}`,
      ],
      ...[`--- ${secret}\n---\n${secret}`, `a: |${secret}\n b`, `%YAML ${secret}\n---\na: 1`],
    ])
      outputs.set(`the text ${line.replaceAll(secret, '…')}`, await printed(folder, `${line}\n`, ['start']))
    outputs.set('a text behind a document', await printed(folder, `${yaml}\n${secret}`))
    t.same(findCanaries(secrets.canaries, outputs), [])
  })
}

t.test('a file of secrets that is no good is not repeated', async t => {
  const folder = t.testdir()
  const secrets = new Secrets()
  const document = aDocument(folder, secrets)
  const outputs = new Map<string, string>()
  const broken = secrets.add('the broken secret', randomText(24))
  for (const name of [
    'the admin token',
    'the session secret',
    'the client id',
    'the client secret',
    'the key of the backend',
  ]) {
    for (const text of [
      `${broken}\x07`,
      `${broken} ${broken}`,
      `${broken}\n\n`,
      broken.slice(0, 12),
      broken.repeat(2000),
    ]) {
      writeFileSync(join(folder, name), text)
      outputs.set(`${name}, ${text.length} octets`, await printed(folder, JSON.stringify(document)))
    }
  }
  for (const [key, text] of [
    ['jwksFile', `{"keys":[{"kty":"oct","k":"${broken}"},{"kty":"${broken}","kid":"${broken}"}]}`],
    ['jwksFile', `{"keys": "${broken}`],
    ['publicKeyFile', `-----BEGIN PUBLIC KEY-----\n${broken}\n-----END PUBLIC KEY-----\n`],
    ['publicKeyFile', `-----BEGIN PRIVATE KEY-----\n${broken}\n-----END PRIVATE KEY-----\n`],
  ] as const) {
    writeFileSync(join(folder, 'keys'), text)
    const wrong = withValue(document, ['session', 'jwt'], { algorithms: ['ES256'], [key]: 'keys' })
    outputs.set(`${key} ${text.length}`, await printed(folder, JSON.stringify(wrong)))
  }
  t.same(findCanaries(secrets.canaries, outputs), [])
})
