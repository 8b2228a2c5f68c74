import * as errors from 'jose/errors'
import { compactVerify } from 'jose/jws/compact/verify'
import type { JwtAlgorithm } from './algorithms.ts'
import type { JwtKey, KeySelection, KeySource } from './jwt-keys.ts'
import type { ParsedToken } from './parsed-token.ts'
import type { TokenRefusal } from './session.ts'

/** Proves that a parsed token was made by the holder of a key. Undefined: it was. */
export type Authenticate = (token: ParsedToken) => TokenRefusal | undefined | Promise<TokenRefusal | undefined>

export interface JwtAuthenticatorOptions {
  /** Algorithms that are accepted. What the token asks for only has to be one of them. */
  readonly algorithms: readonly JwtAlgorithm[]
  readonly keys: KeySource
}

/**
 * Verifies the signature of a JWT with `jose`. Only the signature: the claims are read once, by our own parser, so
 * that there are no two readings of one token. Header parameters that bring a key along (`jwk`, `jku`, `x5c`, `x5u`)
 * are not looked at.
 */
export function createJwtAuthenticator({ algorithms, keys }: JwtAuthenticatorOptions): Authenticate {
  const allowed: ReadonlySet<unknown> = new Set(algorithms)
  return token => {
    const { alg, kid } = token.header
    if (!allowed.has(alg)) return { reason: 'algorithm_not_allowed' }
    // A `kid` that is no text names no key.
    if (kid !== undefined && typeof kid !== 'string') return { reason: 'signature_invalid' }
    const selection = keys.find(alg as string, kid)
    return selection instanceof Promise ? selection.then(found => prove(token, found)) : prove(token, selection)
  }
}

/** A signature of a shared secret that is wrong is refused at once. One that seems right is verified like all others. */
function prove(token: ParsedToken, keys: KeySelection): TokenRefusal | Promise<TokenRefusal | undefined> {
  if (keys === 'unavailable') return { reason: 'overloaded' }
  const hopeful = keys.filter(({ doubts }) => !doubts?.(token))
  return hopeful.length === 0 ? { reason: 'signature_invalid' } : verify(token, hopeful)
}

async function verify(token: ParsedToken, keys: readonly JwtKey[]): Promise<TokenRefusal | undefined> {
  const compact = `${token.signedText}.${token.signature.toString('base64url')}`
  for (const key of keys) if (await isSignedBy(compact, key)) return undefined
  return { reason: 'signature_invalid' }
}

async function isSignedBy(compact: string, { key, algorithm }: JwtKey): Promise<boolean> {
  try {
    await compactVerify(compact, key, { algorithms: [algorithm] })
    return true
  } catch (cause) {
    if (cause instanceof errors.JOSEError) return false
    // Not about the token: a fault of ours, answered as such.
    throw cause
  }
}
