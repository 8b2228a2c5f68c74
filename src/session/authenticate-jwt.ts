import { webcrypto } from 'node:crypto'
import { compactVerify, errors } from 'jose'
import type { ParsedToken } from './parsed-token.ts'
import type { TokenRefusal } from './session.ts'

/** Proves that a parsed token was made by the holder of the key. Undefined: it was. */
export type Authenticate = (token: ParsedToken) => TokenRefusal | undefined | Promise<TokenRefusal | undefined>

export interface JwtKey {
  /** Algorithms that are accepted. They come from the configuration; what the token asks for only has to be one of them. */
  readonly allowedAlgorithms: readonly string[]
  /** Octets of the shared secret (RFC 7518 §3.2). */
  readonly secret: Uint8Array
}

/**
 * Verifies the signature of a JWT with `jose`. Only the signature: the claims are read once, by our own parser, so
 * that there are no two readings of one token.
 */
export async function createJwtAuthenticator({ allowedAlgorithms, secret }: JwtKey): Promise<Authenticate> {
  const keys = new Map<string, webcrypto.CryptoKey>()
  // A CryptoKey that is imported once halves the cost of a verification against a KeyObject.
  for (const algorithm of allowedAlgorithms) keys.set(algorithm, await importSecret(secret, algorithm))

  return ({ header, signedText, signature }) => {
    const key = typeof header.alg === 'string' ? keys.get(header.alg) : undefined
    if (!key) return { reason: 'algorithm_not_allowed' }
    return compactVerify(`${signedText}.${signature.toString('base64url')}`, key).then(accept, refuse)
  }
}

function importSecret(secret: Uint8Array, algorithm: string): Promise<webcrypto.CryptoKey> {
  const hash = `SHA-${algorithm.slice(2)}`
  return webcrypto.subtle.importKey('raw', secret, { name: 'HMAC', hash }, false, ['verify'])
}

function accept(): undefined {
  return undefined
}

function refuse(cause: unknown): TokenRefusal {
  if (cause instanceof errors.JOSEError) return { reason: 'signature_invalid' }
  // Not about the token: a fault of ours, answered as such.
  throw cause
}
