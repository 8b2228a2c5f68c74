import { createHash } from 'node:crypto'
import t from 'tap'
import { createLeakCheck } from '../../src/issuing/leaks.ts'
import { anAuthenticationToken, aToken } from '../fixtures/token.ts'

const ours = anAuthenticationToken()
const clientId = 'kZq81xVbNm40'
const clientSecret = 'pR3nC8sV1xM6bK0yF7uJ2wE9tL4hZ5aG'
const printOf = (text: string) => createHash('sha256').update(text).digest('base64url').slice(0, 16)

function check(client = { clientId, clientSecret }) {
  const useCaseOf = (text: string) => (text.toLowerCase() === ours.toLowerCase() ? 'checkout' : undefined)
  return createLeakCheck({ secrets: () => client, useCaseOf })
}

const digest = createHash('sha256').update(ours).digest('base64url')
const token = { kind: 'authentication_token', fingerprint: printOf(ours), useCase: 'checkout', digest }
const id = { kind: 'client_id', fingerprint: printOf(clientId) }
const secret = { kind: 'client_secret', fingerprint: printOf(clientId) }
const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`

const rows: readonly (readonly [what: string, text: string, leaks: readonly object[]])[] = [
  ['the token', ours, [token]],
  ['the token as a bearer', `Bearer ${ours}`, [token]],
  ['the token in a pair', `session_token=${ours}`, [token]],
  ['the token among words', `a=1; token="${ours}", b`, [token]],
  ['the token with its environment in capitals', ours.replace('sandbox', 'SANDBOX'), [token]],
  ['the token percent-encoded', ours.replace('_', '%5F'), [token]],
  ['the token percent-encoded twice', ours.replace('_', '%255F'), [token]],
  ['the token twice', `${ours} ${ours}`, [token]],
  ['a token of somebody else', anAuthenticationToken().replace('sZaw', 'aaaa'), []],
  ['a longer word', `${ours}x`, []],
  ['a session token', aToken(), []],
  ['the id in a pair', `client_id=${clientId}`, [id]],
  ['the secret', clientSecret, [secret]],
  ['the secret in JSON', `{"secret":"${clientSecret}"}`, [secret]],
  ['the secret percent-encoded', `s=%70${clientSecret.slice(1)}`, [secret]],
  ['both in Basic credentials', basic(`${clientId}:${clientSecret}`), [id, secret]],
  ['both in small letters of the scheme', basic(`${clientId}:${clientSecret}`).replace('Basic', 'basic'), [id, secret]],
  ['Basic credentials of somebody else', basic('someone:else'), []],
  ['Basic credentials without a colon', basic(clientSecret), [secret]],
  ['an id in another case', clientId.toLowerCase(), []],
  ['a part of the secret', clientSecret.slice(1), []],
  ['nothing', '', []],
  ['a stray percent sign', '100%', []],
]
for (const [what, text, leaks] of rows) {
  t.test(`in a request with ${what} ${leaks.length} of our secrets are found`, async t => {
    t.same(check().find([text]), leaks)
    t.same(check().find(['x', text, text]), leaks, 'each once')
  })
}

t.test('a secret with signs that part words is found whole, behind a name, and in Basic credentials', async t => {
  const odd = { clientId, clientSecret: 'a&b=c d%e:f+g' }
  const leak = [{ ...secret }]
  for (const text of ['a&b=c d%e:f+g', 'client_secret=a&b=c d%e:f+g', 'Bearer a&b=c d%e:f+g']) {
    t.same(check(odd).find([text]), leak, text)
  }
  t.same(check(odd).find([basic(`${clientId}:a&b=c d%e:f+g`)]), [id, secret])
  t.same(check(odd).find([basic(`${clientId}:a%26b%3Dc+d%25e%3Af%2Bg`)]), [id, secret], 'form-encoded')
})

t.test('an id of seven letters counts in Basic credentials only', async t => {
  const short = { clientId: 'gateway', clientSecret }
  t.same(check(short).find(['gateway', 'client_id=gateway']), [])
  t.same(check(short).find([basic('gateway:x')]), [{ kind: 'client_id', fingerprint: printOf('gateway') }])
  t.match(check({ clientId: 'gateway1', clientSecret }).find(['gateway1']), [{ kind: 'client_id' }])
})

t.test('what is told of a leak holds no secret', async t => {
  const text = JSON.stringify(check().find([ours, clientSecret, clientId]))
  for (const part of [ours.slice(8), clientSecret, clientId]) t.notMatch(text, part)
  t.notMatch(text, printOf(clientSecret))
})

t.test('secrets are compared as they are now', async t => {
  let current = { clientId, clientSecret }
  const leaks = createLeakCheck({ secrets: () => current, useCaseOf: () => undefined })
  current = { clientId, clientSecret: 'another-secret-of-the-tests' }
  t.same(leaks.find([clientSecret]), [])
  t.match(leaks.find(['another-secret-of-the-tests']), [{ kind: 'client_secret' }])
})

t.test('sixteen kilobytes of tricks are searched in no time', async t => {
  const begun = performance.now()
  for (const text of [
    'sandbox_'.repeat(2048),
    '%25'.repeat(5461),
    'Basic '.repeat(2730),
    ' '.repeat(16_384),
    'a='.repeat(8192),
  ])
    t.same(check().find([text]), [])
  t.ok(performance.now() - begun < 2000)
})
