import t from 'tap'
import { jwtAlgorithms } from '../../src/session/algorithms.ts'
import type { Sessions } from '../../src/session/create-sessions.ts'
import { startSimulator } from '../../src/simulator/simulator.ts'
import { createJwtSigner } from '../fixtures/jwt-signer.ts'
import { someKeys, someSessions, verdictOn } from '../fixtures/sessions.ts'
import { aTimestampedToken } from '../fixtures/timestamped-token.ts'
import { testSecret } from '../fixtures/token.ts'

const now = 1_800_000_000
const base64url = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_']
const borders = ['.', '=', '+', '/', ' ']
const few = ['A', 'Q', 'g', 'z', '9', '-', '_', ...borders]

/** Every text that one substitution, insertion or deletion of these characters makes of a text. */
function editsOf(text: string, characters: readonly string[]): readonly string[] {
  const edits = new Set<string>()
  for (let at = 0; at <= text.length; at++) {
    const [before, after] = [text.slice(0, at), text.slice(at + 1)]
    edits.add(before + after)
    for (const character of characters) edits.add(before + character + after).add(before + character + text.slice(at))
  }
  edits.delete(text)
  return [...edits]
}

async function letIn(sessions: Sessions, texts: readonly string[]): Promise<readonly string[]> {
  const passed: string[] = []
  for (let start = 0; start < texts.length; start += 500) {
    const batch = texts.slice(start, start + 500)
    const verdicts = await Promise.all(batch.map(text => verdictOn(sessions, text, now)))
    passed.push(...batch.filter((_, index) => verdicts[index] === 'let in'))
  }
  return passed
}

for (const algorithm of jwtAlgorithms) {
  const characters = algorithm === 'HS256' ? [...base64url, ...borders] : few
  t.test(
    `no edit of one character of a valid ${algorithm} token is let in (${characters.length} characters)`,
    async t => {
      const signer = createJwtSigner(algorithm)
      const jwt = { algorithms: jwtAlgorithms, issuer: null, audience: null, jwksUrl: null }
      const sessions = await someSessions({ now }, { jwt }, { keys: { ...someKeys, jwtSecrets: [], jwks: signer.jwk } })
      const token = signer.token({ claims: { a: 42, exp: now + 600 } })
      const edits = editsOf(token, characters)
      t.ok(edits.length > token.length * characters.length)
      t.same(await letIn(sessions, edits), [])
      t.equal(await verdictOn(sessions, token, now), 'let in')
      t.same(await letIn(sessions, edits.slice(0, 200)), [], 'nor once the token is in the cache')
    },
  )
}

for (const digest of ['sha1', 'sha256', 'sha512'] as const) {
  t.test(`no edit of one character of a valid timestamped token by ${digest} is let in`, async t => {
    const timestamped = {
      salt: 'itsdangerous.Signer',
      digest,
      keyDerivation: 'django-concat',
      signsPrefix: false,
    } as const
    const keys = { ...someKeys, timestampedSecrets: [testSecret] }
    const sessions = await someSessions({ now }, { timestamped }, { keys })
    const token = aTimestampedToken({ hash: digest, issuedAt: now })
    t.same(await letIn(sessions, editsOf(token, few)), [])
    t.equal(await verdictOn(sessions, token, now), 'let in')
  })
}

/** Numbers between 0 and 1 that are the same in every run (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** Claims of any kind but those that have a meaning here. */
function randomClaims(random: () => number): Record<string, unknown> {
  const below = (limit: number) => Math.floor(random() * limit)
  const text = () => String.fromCodePoint(...Array.from({ length: below(12) }, () => below(0xd7ff) + 1))
  const values = [
    () => below(2 ** 31),
    () => -random(),
    text,
    () => null,
    () => random() < 0.5,
    () => [below(9), text(), { x: text() }],
    () => ({ y: { z: [] } }),
  ]
  const claims: Record<string, unknown> = {}
  for (let size = below(8); size > 0; size--) claims[`c${text()}`] = values[below(values.length)]?.()
  return claims
}

for (const format of ['jwt', 'timestamped'] as const) {
  t.test(`every one of 200 ${format} tokens of random claims that the issuer makes is let in`, async t => {
    const sessionTokenSecret = testSecret.toString()
    const simulator = await startSimulator({ environment: 'sandbox', sessionTokenSecret, now: () => now })
    t.teardown(() => simulator.close())
    const timestamped = {
      salt: 'itsdangerous.Signer',
      digest: 'sha256',
      keyDerivation: 'django-concat',
      signsPrefix: false,
    } as const
    const keys = { ...someKeys, timestampedSecrets: [testSecret] }
    const sessions = await someSessions({ now }, { timestamped }, { keys })
    const random = seeded(20_261_122)
    for (let round = 0; round < 200; round++) {
      const issuedAt = now - Math.floor(random() * 900)
      const token = simulator.issueSessionToken({ format, issuedAt, claims: randomClaims(random) })
      const verdict = await verdictOn(sessions, token, now)
      if (verdict !== 'let in') t.fail(`${verdict}: ${token}`)
    }
  })
}
