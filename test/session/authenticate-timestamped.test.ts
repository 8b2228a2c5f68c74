import { readFileSync } from 'node:fs'
import t from 'tap'
import {
  createTimestampedAuthenticator,
  keyDerivations,
  type TimestampSigner,
  timestampDigests,
} from '../../src/session/authenticate-timestamped.ts'
import { parseToken } from '../../src/session/parse-token.ts'
import { isRefusal, type TokenReason } from '../../src/session/session.ts'

/** A token that the real package signed, and how its signer was set up (test/fixtures/vectors/make-timestamped.py). */
interface Vector {
  readonly secret: string
  readonly salt: string
  readonly digest: TimestampSigner['digest']
  readonly keyDerivation: TimestampSigner['keyDerivation']
  readonly signedPrefix: 'sandbox' | null
  readonly claims: Readonly<Record<string, unknown>>
  readonly issuedAt: number
  readonly token: string
}

interface Spelling {
  readonly what: string
  readonly token: string
}

const file = JSON.parse(readFileSync('test/fixtures/vectors/timestamped.json', 'utf8'))
const vectors = file.vectors as readonly Vector[]
const spellings = file.secondSpellings.tokens as readonly Spelling[]
const sha256 = signerOf({ ...file.secondSpellings, keyDerivation: 'django-concat', signedPrefix: null })

for (const [index, vector] of vectors.entries()) {
  const { digest, keyDerivation, salt, signedPrefix, claims, issuedAt, token } = vector
  const prefix = signedPrefix ? 'signed' : 'not signed'
  const name = `token ${index}: ${digest}, ${keyDerivation}, salt ${salt}, prefix ${prefix}`
  const signer = signerOf(vector)

  t.test(`${name}: read and accepted`, async t => {
    t.match(parseToken(token, 'sandbox'), { format: 'timestamped', issuedAt })
    const parsed = parseToken(token, 'sandbox')
    t.same('claims' in parsed && parsed.claims, claims)
    t.equal(verdict(token, signer), 'accepted')
  })

  t.test(`${name}: refused by a signer with one other setting`, async t => {
    t.equal(verdict(token, { ...signer, secrets: [Buffer.from('another secret')] }), 'signature_invalid')
    t.equal(verdict(token, { ...signer, secrets: [] }), 'signature_invalid')
    // The derivation `none` uses the secret as it is, so that the salt is not part of the key.
    const otherSalt = keyDerivation === 'none' ? 'accepted' : 'signature_invalid'
    t.equal(verdict(token, { ...signer, salt: 'another salt' }), otherSalt)
    for (const other of timestampDigests.filter(one => one !== digest)) {
      t.equal(verdict(token, { ...signer, digest: other }), 'signature_invalid', other)
    }
    for (const other of keyDerivations.filter(one => one !== keyDerivation)) {
      t.equal(verdict(token, { ...signer, keyDerivation: other }), 'signature_invalid', other)
    }
    const otherPrefix = signedPrefix ? undefined : 'sandbox'
    t.equal(verdict(token, { ...signer, signedPrefix: otherPrefix }), 'signature_invalid')
  })

  t.test(`${name}: accepted while its secret is one of two that are live`, async t => {
    const other = Buffer.from('another secret')
    t.equal(verdict(token, { ...signer, secrets: [other, ...signer.secrets] }), 'accepted')
    t.equal(verdict(token, { ...signer, secrets: [...signer.secrets, other] }), 'accepted')
  })
}

t.test('the vectors cover every setting of the signer, and every length of padding with every digest', async t => {
  t.equal(new Set(vectors.map(v => [v.digest, v.keyDerivation, v.salt, v.signedPrefix].join())).size, 48)
  t.equal(new Set(vectors.map(v => [v.digest, /=*\./.exec(v.token)?.[0].length].join())).size, 9)
})

// A dot and an equals sign move the borders of the parts; the rest are of the alphabet, of the other one, or of neither.
const characters = ['A', 'b', '0', '-', '_', '.', '=', '+', '/', ' ', '\n', '\u0000', 'é']

for (const digest of timestampDigests) {
  t.test(`one character more, less or other, anywhere in a ${digest} token, and it is refused`, async t => {
    const vector = vectors.find(one => one.digest === digest && one.signedPrefix === null && one.token.includes('=.'))
    if (!vector) throw new TypeError(`no vector for ${digest}`)
    const signer = signerOf(vector)
    t.same(
      editsOf(vector.token).filter(text => verdict(text, signer) === 'accepted'),
      [],
    )
    t.equal(verdict(vector.token, signer), 'accepted')
  })
}

// All of these are one token to the Python package, which is asserted where they are made.
const refusals: Readonly<Record<string, TokenReason | 'accepted'>> = {
  'as it is signed': 'accepted',
  'spare bits of the signature set': 'token_not_canonical',
  'padding added to the signature': 'token_not_canonical',
  'strange characters after the signature': 'token_malformed',
  'spare bits of the time set, and signed': 'token_not_canonical',
  'padding added to the time, and signed': 'token_not_canonical',
  'leading zero octet of the time, and signed': 'token_not_canonical',
}

for (const { what, token } of spellings) {
  const expected = refusals[what]
  t.test(`a token of the package, ${what}: ${expected}`, async t => {
    t.equal(verdict(token, sha256), expected)
  })
}

t.test('a payload has its padding, all of it, and zero spare bits', async t => {
  const whole = spellings[0]?.token ?? ''
  t.equal(verdict(whole.replace('N30=', 'N30'), sha256), 'token_not_canonical')
  t.equal(verdict(whole.replace('N30=', 'N30=='), sha256), 'token_not_canonical')
  t.equal(verdict(whole.replace('N30=', 'N31='), sha256), 'token_not_canonical')
})

t.test('every other setting of the spare bits of a signature is refused', async t => {
  for (const digest of timestampDigests) {
    const vector = vectors.find(one => one.digest === digest)
    if (!vector) throw new TypeError(`no vector for ${digest}`)
    const signature = vector.token.slice(vector.token.lastIndexOf('.') + 1)
    const others = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_']
      .map(last => `${signature.slice(0, -1)}${last}`)
      .filter(text => text !== signature && Buffer.from(text, 'base64url').equals(Buffer.from(signature, 'base64url')))
    t.equal(others.length, digest === 'sha512' ? 15 : 3)
    for (const other of others) {
      t.equal(verdict(vector.token.replace(signature, other), signerOf(vector)), 'token_not_canonical')
    }
  }
})

t.test('a JWT by the same secret has another format, and another MAC unless no key is derived', async t => {
  const { secret, token } = file.jwt as { secret: string; token: string }
  t.match(parseToken(token, 'sandbox'), { format: 'jwt', claims: { a: 1001, exp: 1_752_678_099 } })
  for (const keyDerivation of keyDerivations) {
    // Without derivation the MAC is that of HS256. The format alone, which a verifier asks first, keeps the two apart.
    const expected = keyDerivation === 'none' ? 'accepted' : 'signature_invalid'
    t.equal(verdict(token, { ...sha256, secrets: [Buffer.from(secret)], keyDerivation }), expected, keyDerivation)
  }
})

function verdict(text: string, signer: TimestampSigner): 'accepted' | TokenReason {
  const parsed = parseToken(text, 'sandbox')
  if (isRefusal(parsed)) return parsed.reason
  return createTimestampedAuthenticator(signer)(parsed)?.reason ?? 'accepted'
}

function signerOf({
  secret,
  salt,
  digest,
  keyDerivation,
  signedPrefix,
}: Omit<Vector, 'claims' | 'issuedAt' | 'token'>) {
  return {
    secrets: [Buffer.from(secret)],
    salt,
    digest,
    keyDerivation,
    signedPrefix: signedPrefix ?? undefined,
  } satisfies TimestampSigner
}

/** Every text that one substitution, insertion or deletion makes of a text. */
function editsOf(text: string): readonly string[] {
  const edits = new Set<string>()
  for (let at = 0; at <= text.length; at += 1) {
    const [before, here, after] = [text.slice(0, at), text.slice(at), text.slice(at + 1)]
    edits.add(before + after)
    for (const character of characters) edits.add(before + character + after).add(before + character + here)
  }
  edits.delete(text)
  return [...edits]
}
