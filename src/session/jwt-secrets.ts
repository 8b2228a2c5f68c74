import { createHmac, createSecretKey, timingSafeEqual, webcrypto } from 'node:crypto'
import type { JwtAlgorithm } from './algorithms.ts'
import type { ParsedToken } from './parsed-token.ts'

/** Whether a token's signature is surely wrong. False: `jose` has to say. */
export type DoubtSignature = (token: ParsedToken) => boolean

/**
 * Imports a shared secret, for `jose` and for a first look.
 *
 * What lets a token in is `jose`. What a flood of made-up tokens costs is decided by the first look: an HMAC by Node itself
 * takes 4 µs and no turn of the event loop, the way through WebCrypto more than ten times as much, and a thread.
 */
export async function importSecret(
  secret: Uint8Array,
  algorithm: JwtAlgorithm,
): Promise<{ readonly key: webcrypto.CryptoKey; readonly doubts: DoubtSignature }> {
  const hash = `SHA-${algorithm.slice(2)}`
  // A CryptoKey that is imported once halves the cost of a verification against a KeyObject.
  const key = await webcrypto.subtle.importKey('raw', secret, { name: 'HMAC', hash }, false, ['verify'])
  return { key, doubts: createDoubts(secret, `sha${algorithm.slice(2)}`) }
}

function createDoubts(secret: Uint8Array, hash: string): DoubtSignature {
  const key = createSecretKey(secret)
  return ({ signedText, signature }) => {
    const expected = createHmac(hash, key).update(signedText).digest()
    return signature.length !== expected.length || !timingSafeEqual(signature, expected)
  }
}
