import t from 'tap'
import { mintJwt, mintTimestamped } from '../../src/simulator/session-token.ts'
import { runCommand } from './run-command.ts'

async function inspect(stdin: string) {
  const { code, out } = await runCommand(['token', 'inspect', '--json'], { stdin })
  return { code, facts: JSON.parse(out) }
}

const jwt = mintJwt('sandbox', { a: 7, exp: 4_102_444_800, iat: 4_102_443_900 }, 'x')
const timestamped = mintTimestamped('prod', { a: 7, sk: 'c2VjcmV0', t: 47 }, 1_700_000_000, 'x')
const signatureOf = (token: string): string => token.split('.')[2] as string

t.test('a JWT shows its header, claims and times', async t => {
  t.same(await inspect(`${jwt}\n`), {
    code: 0,
    facts: {
      kind: 'session',
      environment: 'sandbox',
      format: 'jwt',
      canonical: true,
      reason: null,
      header: { typ: 'JWT', alg: 'HS256' },
      claims: { a: 7, exp: 4_102_444_800, iat: 4_102_443_900 },
      issuedAt: '2099-12-31T23:45:00Z',
      expiresAt: '2100-01-01T00:00:00Z',
    },
  })
})

t.test('a timestamped token shows its times, and hides its key', async t => {
  t.same(await inspect(timestamped), {
    code: 0,
    facts: {
      kind: 'session',
      environment: 'prod',
      format: 'timestamped',
      canonical: true,
      reason: null,
      header: null,
      claims: { a: 7, sk: '(hidden)', t: 47 },
      issuedAt: '2023-11-14T22:13:20Z',
      expiresAt: '2023-11-14T22:28:20Z',
    },
  })
  const { out } = await runCommand(['token', 'inspect'], { stdin: timestamped })
  t.match(out, /issued +2023-11-14T22:13:20Z \(\d+ days ago\)/)
  t.notMatch(out, 'c2VjcmV0')
})

t.test('the signature is never shown', async t => {
  for (const token of [jwt, timestamped, `${jwt}=`]) {
    for (const options of [[], ['--json']]) {
      const { out, err } = await runCommand(['token', 'inspect', ...options], { stdin: token })
      t.notMatch(out + err, signatureOf(token).slice(0, 20))
    }
  }
})

t.test('an authentication token is named, and not shown', async t => {
  const token = `prod_${'a1B2c3'.repeat(5)}`
  const { code, out } = await runCommand(['token', 'inspect'], { stdin: token })
  t.equal(code, 0)
  t.match(out, /authentication token: long-lived/)
  t.match(out, /environment +prod/)
  t.notMatch(out, 'a1B2c3')
  t.match(await inspect(token), { code: 0, facts: { kind: 'authentication', environment: 'prod', claims: null } })
})

t.test('a second spelling of a token is told apart from the token', async t => {
  t.match(await inspect(`${jwt}=`), {
    code: 1,
    facts: { kind: 'session', canonical: false, reason: 'token_not_canonical' },
  })
  t.match(await inspect(` ${jwt}`), { code: 1, facts: { kind: 'unknown', reason: 'token_malformed' } })
  t.match(await inspect(`${jwt}\n\n`), { code: 1, facts: { canonical: false } })
  t.match(await inspect(jwt.toUpperCase()), { code: 1, facts: { canonical: false } })
})

t.test('what is no token of Forage is unknown', async t => {
  for (const text of ['hello', 'qa_abc', 'eyJhbGciOiJIUzI1NiJ9.e30.AAAA', '\u0000'])
    t.match(await inspect(text), { code: 1, facts: { kind: 'unknown', environment: null } }, JSON.stringify(text))
})

t.test('what a token says cannot move the cursor of a terminal or turn its text around', async t => {
  const stdin = mintJwt('mock', { exp: 1, a: '\u001b[2J\u009b2J\u202e' }, 'x')
  for (const options of [[], ['--json']]) {
    const { out } = await runCommand(['token', 'inspect', ...options], { stdin })
    t.notMatch(out, /[\u001b\u009b\u202e]/)
    t.match(out, '\\u001b[2J\\u009b2J\\u202e')
  }
})

t.test('a time beyond any calendar is no fault', async t => {
  const stdin = mintJwt('mock', { exp: Number.MAX_SAFE_INTEGER }, 'x')
  t.match(await runCommand(['token', 'inspect'], { stdin }), { code: 0, out: /expires +beyond any calendar/ })
})

t.test('a token as an argument is refused with the reason', async t => {
  for (const args of [
    ['token', 'inspect', jwt],
    ['token', 'inspect', '--json', jwt],
  ])
    t.match(await runCommand(args, { stdin: jwt }), { code: 2, out: '', err: /arguments leak/ })
})

t.test('nothing, too much, or another subcommand is wrong usage', async t => {
  t.match(await runCommand(['token', 'inspect']), { code: 2, err: /no token on standard input/ })
  t.match(await runCommand(['token', 'inspect'], { stdin: 'x'.repeat(65_537) }), {
    code: 2,
    err: /more than one token/,
  })
  t.match(await runCommand(['token']), { code: 2, err: /write "token inspect"/ })
})
