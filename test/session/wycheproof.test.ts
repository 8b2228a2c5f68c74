import {
  constants,
  createHmac,
  createPublicKey,
  type JsonWebKey,
  publicDecrypt,
  verify as verifySignature,
} from 'node:crypto'
import { readFileSync } from 'node:fs'
import t from 'tap'
import { type JwkMetadata, type JwtAlgorithm, jwtAlgorithms } from '../../src/session/algorithms.ts'
import { type Authenticate, createJwtAuthenticator } from '../../src/session/authenticate-jwt.ts'
import { decodeBase64url, explainRefusal } from '../../src/session/base64url.ts'
import { createStaticKeys, importKeySet } from '../../src/session/jwt-keys.ts'
import { parseJoseHeader } from '../../src/session/parse-jwt.ts'
import { isRefusal, type TokenReason } from '../../src/session/session.ts'

interface Vector {
  readonly tcId: number
  readonly comment: string
  readonly jws: string
  readonly result: 'valid' | 'acceptable' | 'invalid'
  readonly flags?: readonly string[]
}

interface VectorGroup {
  readonly key: JsonWebKey & JwkMetadata
  readonly tests: readonly Vector[]
}

type Verdict = 'accepted' | TokenReason

const file = JSON.parse(readFileSync('test/fixtures/vectors/wycheproof-jws.json', 'utf8'))
const vectors = (file.groups as readonly VectorGroup[]).flatMap(({ key, tests }) =>
  tests.map(vector => ({ key, vector })),
)

/** Where we differ from the published results, and mean it. */
const differences: readonly { tcId: number; ours: Verdict; theirs: Vector['result']; reason: string }[] = [
  { tcId: 346, ours: 'algorithm_not_allowed', theirs: 'valid', reason: 'a key for PS256 verifies no PS384' },
  { tcId: 347, ours: 'signature_invalid', theirs: 'valid', reason: 'ES521 is no algorithm of JWS' },
  { tcId: 350, ours: 'algorithm_not_allowed', theirs: 'valid', reason: 'a key for PS256 verifies no PS384' },
  { tcId: 351, ours: 'signature_invalid', theirs: 'valid', reason: 'ES521 is no algorithm of JWS' },
  { tcId: 367, ours: 'accepted', theirs: 'invalid', reason: 'the text is that of 357, which is valid' },
  { tcId: 370, ours: 'accepted', theirs: 'invalid', reason: 'the text is that of 357, which is valid' },
  { tcId: 372, ours: 'token_malformed', theirs: 'valid', reason: 'a question mark is not base64url' },
  { tcId: 373, ours: 'token_malformed', theirs: 'valid', reason: 'a question mark is not base64url' },
]

for (const { key, vector } of vectors) {
  const { tcId, comment, jws, result } = vector
  const difference = differences.find(one => one.tcId === tcId)
  const ours = difference ? difference.ours === 'accepted' : result === 'valid'

  const because = difference ? `, since ${difference.reason}` : ''
  t.test(`${tcId}, ${comment}: ${ours ? 'accepted' : 'refused'}${because}`, async t => {
    const verdict = await read(jws, await authenticatorOf(key, namedAlgorithms(key)))
    t.equal(verdict === 'accepted', ours, verdict)
    if (difference) t.equal(verdict, difference.ours)
    // The list of algorithms must not be what saves us: the key alone binds a token to its algorithm.
    const amongAll = await read(jws, await authenticatorOf(key, jwtAlgorithms))
    t.equal(amongAll === 'accepted', ours, amongAll)
  })
}

t.test('every listed difference is one', async t => {
  for (const { tcId, ours, theirs } of differences) {
    t.equal(find(tcId).vector.result, theirs)
    t.not(ours === 'accepted', theirs === 'valid', `${tcId} does not differ`)
  }
  t.equal(find(367).vector.jws, find(357).vector.jws)
  t.equal(find(370).vector.jws, find(357).vector.jws)
})

t.test('a key for another use, or of an algorithm that does not exist, is not imported', async t => {
  for (const tcId of [347, 351, 353, 354, 355, 356]) {
    await t.rejects(importKeySet(find(tcId).key, jwtAlgorithms, true), { name: 'TypeError' }, `${tcId}`)
  }
})

// What follows asks node:crypto instead of us, and thereby proves the copy: a slip of the pen would break a signature.

t.test('node:crypto finds every valid vector valid', async t => {
  const wrong = vectors.filter(({ key, vector }) => vector.result === 'valid' && !isSignedLeniently(vector.jws, key))
  t.same(tcIds(wrong), [])
})

t.test('a refusal that rests on our reading, not on the signature, is known as such', async t => {
  const signed = vectors.filter(({ key, vector }) => vector.result !== 'valid' && isSignedLeniently(vector.jws, key))
  const fourParts = [14, 15]
  const keyForEncryption = [353, 354, 355, 356]
  const keyForOneAlgorithm = [332, 334, 336, 338, 340]
  const characters = [360, 361, 362, 365, 366, 368, 369, 371]
  const spareBits = [375]
  const notEvenRefused = [367, 370]
  const known = [fourParts, keyForOneAlgorithm, keyForEncryption, characters, spareBits, notEvenRefused].flat()
  t.same(
    tcIds(signed),
    known.sort((a, b) => a - b),
  )
})

t.test('every forged padding opens to a PKCS #1 block that is not quite the right one', async t => {
  const forged = vectors.filter(({ vector }) => vector.flags?.includes('ModifiedPadding'))
  t.equal(forged.length, 14)
  const right = blockOf(find(33).vector.jws, find(33).key)
  t.match(right, /^0001f{404}003031300d060960864801650304020105000420[0-9a-f]{64}$/)
  for (const { key, vector } of forged) {
    const block = blockOf(vector.jws, key)
    t.match(block, /^0001(ff)+00/, vector.comment)
    t.not(block, right, vector.comment)
  }
})

t.test('every signature of a wrong primitive is a good one of that primitive', async t => {
  const wrong = vectors.filter(({ vector }) => vector.flags?.includes('WrongPrimitive'))
  t.equal(wrong.length, 10)
  for (const { key, vector } of wrong) {
    const primitive = /^made by (\w+),/.exec(vector.comment)?.[1] ?? ''
    t.equal(isSignedLeniently(vector.jws, key, primitive), true, vector.comment)
    t.equal(isSignedLeniently(vector.jws, key, 'PS512'), false, vector.comment)
  }
})

/**
 * Reads a vector as `parseToken` reads a JWT. That function itself is of no use here: the payloads of these vectors
 * are octets of any kind, mostly no JSON, and a session token has an environment in front of it.
 */
async function read(jws: string, authenticate: Authenticate): Promise<Verdict> {
  const [header, payload, third, ...more] = jws.split('.')
  if (header === undefined || payload === undefined || third === undefined || more.length > 0) return 'token_malformed'
  const signature = decodeBase64url(third)
  if (!signature) return explainRefusal(third)
  const joseHeader = parseJoseHeader(header)
  if (isRefusal(joseHeader)) return joseHeader.reason
  if (!decodeBase64url(payload)) return explainRefusal(payload)
  const refusal = await authenticate({
    format: 'jwt',
    signedText: `${header}.${payload}`,
    signature,
    header: joseHeader.object,
    claims: {},
    issuedAt: undefined,
  })
  return refusal?.reason ?? 'accepted'
}

async function authenticatorOf(key: VectorGroup['key'], algorithms: readonly JwtAlgorithm[]): Promise<Authenticate> {
  // A key that does not fit is no key: the token is then one that nobody has a key for.
  const keys = await importKeySet(key, algorithms, true).catch(() => [])
  return createJwtAuthenticator({ algorithms, keys: createStaticKeys(keys) })
}

/** The algorithm that a key names; all of them where it names none, or none that exists. */
function namedAlgorithms({ alg }: JwkMetadata): readonly JwtAlgorithm[] {
  const named = jwtAlgorithms.filter(algorithm => algorithm === alg)
  return named.length > 0 ? named : jwtAlgorithms
}

/** Whether the first three parts verify, for a reader who passes over every character that is not base64url. */
function isSignedLeniently(jws: string, key: JsonWebKey, algorithm?: string): boolean {
  const [header = '', payload = '', third = ''] = jws.split('.')
  const signature = Buffer.from(third, 'base64url')
  const alg = algorithm ?? algorithmOf(header)
  return [`${header}.${payload}`, `${header}.${payload}`.replace('?', '')].some(text => {
    const hash = `sha${alg.slice(2)}`
    if (/^HS/.test(alg)) {
      const secret = Buffer.from(key.k ?? '', 'base64url')
      return key.kty === 'oct' && createHmac(hash, secret).update(text).digest().equals(signature)
    }
    if (!/^(RS|PS|ES)/.test(alg) || key.kty === 'oct') return false
    return verifySignature(hash, Buffer.from(text), { key: publicKeyOf(key), ...optionsOf(alg) }, signature)
  })
}

function algorithmOf(header: string): string {
  try {
    return JSON.parse(Buffer.from(header, 'base64url').toString()).alg
  } catch {
    return 'none'
  }
}

function optionsOf(algorithm: string) {
  if (algorithm.startsWith('ES')) return { dsaEncoding: 'ieee-p1363' } as const
  if (algorithm.startsWith('RS')) return {}
  return { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
}

function blockOf(jws: string, key: JsonWebKey): string {
  const signature = Buffer.from(jws.slice(jws.lastIndexOf('.') + 1), 'base64url')
  return publicDecrypt({ key: publicKeyOf(key), padding: constants.RSA_NO_PADDING }, signature).toString('hex')
}

function publicKeyOf(key: JsonWebKey) {
  return createPublicKey({ key, format: 'jwk' })
}

function find(tcId: number): (typeof vectors)[number] {
  const found = vectors.find(({ vector }) => vector.tcId === tcId)
  if (!found) throw new TypeError(`no vector ${tcId}`)
  return found
}

function tcIds(list: readonly { vector: Vector }[]): readonly number[] {
  return list.map(({ vector }) => vector.tcId)
}
