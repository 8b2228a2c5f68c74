// Question: what does a flood of bad session tokens cost, and does it push good sessions out of the cache?
// Workload: 50,000 distinct tokens with a bad HS256 signature, 50,000 distinct malformed ones, and 30 kinds of hostile
// texts of 16 KiB, verified in this process; 1,000 good sessions are cached before. At most a minute.
// Run: npm run bench:token-flood
import { createHmac, randomBytes } from 'node:crypto'
import { cpus } from 'node:os'
import process from 'node:process'
import { createSessions } from '../dist/session/create-sessions.js'

const secret = randomBytes(48)
const now = 1_800_000_000
const floodSize = 50_000
const goodSize = 1000
const batch = 100
const limitMs = 1
const octets = 16 * 1024

const { verifier } = await createSessions({
  environment: 'sandbox',
  settings: {
    verify: 'signature',
    formats: ['jwt', 'timestamped'],
    jwt: { algorithms: ['HS256'], issuer: null, audience: null, jwksUrl: null },
    timestamped: { salt: 'itsdangerous.Signer', digest: 'sha256', keyDerivation: 'django-concat', signsPrefix: false },
    maxLifetimeSec: 900,
    clockToleranceSec: 5,
  },
  keys: { jwtSecrets: [secret], timestampedSecrets: [secret], publicKey: null, jwks: null },
  scopeClaim: 'scope',
  fingerprintKey: randomBytes(32),
  now: () => now,
})

const good = Array.from({ length: goodSize }, (_, index) => token({ a: index, exp: now + 600 }))
for (const text of good) if ('reason' in (await verifier.verify(text, now))) throw new Error('a good token was refused')

const bad = Array.from({ length: floodSize }, (_, index) => token({ a: index, exp: now + 600 }, Buffer.alloc(32, 7)))
const malformed = bad.map((text, index) => misspell(text, index))
await flood(bad.slice(0, 2000))

const rows = [
  ['bad signature', await flood(bad)],
  ['malformed', await flood(malformed)],
  ['good, cached', await flood(Array.from({ length: floodSize }, (_, index) => good[index % goodSize]))],
]
// A session in the cache is found at once; any other one takes a promise.
const cached = good.filter(text => !(verifier.verify(text, now) instanceof Promise)).length
const hostile = []
for (const [kind, text] of Object.entries(hostileTexts())) hostile.push([kind, await longest(text)])
hostile.sort(([, one], [, other]) => other - one)

print(`Node.js ${process.version}, ${cpus()[0].model}`)
print('\ntokens             count   µs each')
for (const [name, micros] of rows)
  print(`${name.padEnd(15)} ${String(floodSize).padStart(8)} ${micros.toFixed(1).padStart(9)}`)
print(`\ngood sessions that are still cached: ${cached} of ${goodSize}`)
print(`\n${hostile.length} kinds of text of ${octets} octets: median of 20, the slowest first`)
for (const [kind, ms] of hostile.slice(0, 5)) print(`${kind.padEnd(32)} ${ms.toFixed(3)} ms`)
const isFine = cached === goodSize && hostile[0][1] < limitMs
print(isFine ? `\nfine: all are cached, and no text takes ${limitMs} ms` : '\nnot fine')
process.exitCode = isFine ? 0 : 1

function print(line) {
  process.stdout.write(`${line}\n`)
}

/** Microseconds per token, with as many at once as a busy gateway has. */
async function flood(tokens) {
  const startedAt = performance.now()
  for (let index = 0; index < tokens.length; index += batch) {
    await Promise.all(tokens.slice(index, index + batch).map(text => verifier.verify(text, now)))
  }
  return ((performance.now() - startedAt) * 1000) / tokens.length
}

/** Milliseconds that one text takes: the median, since the machine has other things to do. */
async function longest(text) {
  const times = []
  for (let round = 0; round < 20; round++) {
    const startedAt = performance.now()
    if (!('reason' in (await verifier.verify(text, now)))) throw new Error('a hostile text was let in')
    times.push(performance.now() - startedAt)
  }
  return times.sort((one, other) => one - other)[times.length / 2]
}

function base64url(part) {
  return Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url')
}

function token(claims, key = secret, header = { typ: 'JWT', alg: 'HS256' }) {
  const signed = `${base64url(header)}.${base64url(claims)}`
  return `sandbox_${signed}.${createHmac('sha256', key).update(signed).digest('base64url')}`
}

function misspell(text, index) {
  switch (index % 5) {
    case 0:
      return `${text}=`
    case 1:
      return `${text}.x`
    case 2:
      return text.replace('sandbox_', 'sandbox_prod_')
    case 3:
      return text.replace('.', '.~')
    default:
      return text.slice(0, text.lastIndexOf('.'))
  }
}

/** Texts of 16 KiB, and the longest ones that are looked at: 8 KiB, where more is refused for its length. */
function hostileTexts() {
  const fill = (start, unit, length) =>
    start + unit.repeat(Math.ceil((length - start.length) / unit.length)).slice(0, length - start.length)
  const units = ['A', '.', '=', '_', 'a.', 'sandbox_', 'dev_', '{"a":', '%2e', ' ', '\n', '\0', '\u00e9', '-', '/+']
  const whole = units.map(unit => [`16 KiB of ${JSON.stringify(unit)}`, fill('sandbox_', unit, octets)])
  const claims = {
    'nested lists': `{"exp":${'['.repeat(2500)}${']'.repeat(2500)}}`,
    'nested objects': `{"exp":${'{"a":'.repeat(800)}1${'}'.repeat(800)}}`,
    'open lists': '['.repeat(5500),
    'open objects': '{"a":'.repeat(1100),
    'open text': `{"a":"${'x'.repeat(5500)}`,
    backslashes: `{"a":"${'\\\\'.repeat(2700)}"}`,
    quotes: '"'.repeat(5500),
    escapes: `{"a":"${'\\u0061'.repeat(900)}"}`,
    'many members': `{${Array.from({ length: 600 }, (_, index) => `"a${index}":1`).join()}}`,
    'one member many times': `{${'"a":1,'.repeat(900)}"a":1}`,
    'colons in text': `{"a":"${':'.repeat(5400)}"}`,
    'a huge number': `{"exp":${'9'.repeat(5400)}}`,
  }
  const jwts = Object.entries(claims).map(([kind, text]) => [`8 KiB of claims: ${kind}`, token(text)])
  const headers = [
    ['8 KiB of header: a long kid', token({ exp: now - 60 }, secret, { alg: 'HS256', kid: 'x'.repeat(5700) })],
    ['8 KiB of header: nested lists', token({}, secret, `{"alg":${'['.repeat(2700)}${']'.repeat(2700)}}`)],
    ['8 KiB of signature', `${token({ exp: now + 600 })}${'A'.repeat(8000)}`],
  ]
  return Object.fromEntries([...whole, ...jwts, ...headers])
}
