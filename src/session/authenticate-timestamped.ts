import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { Environment } from '../forage/environments.ts'
import type { ParsedToken } from './parsed-token.ts'
import type { TokenRefusal } from './session.ts'

export const timestampDigests = ['sha1', 'sha256', 'sha512'] as const
export type TimestampDigest = (typeof timestampDigests)[number]

export const keyDerivations = ['django-concat', 'concat', 'hmac', 'none'] as const
export type KeyDerivation = (typeof keyDerivations)[number]

/** How the signer of timestamped tokens was set up. */
export interface TimestampSigner {
  /** Secrets that are live: all of them verify, so that one can replace another without a refused token. */
  readonly secrets: readonly Uint8Array[]
  readonly salt: string
  readonly digest: TimestampDigest
  readonly keyDerivation: KeyDerivation
  /** Environment whose prefix is part of what is signed; undefined: the prefix is not signed. */
  readonly signedPrefix: Environment | undefined
}

/**
 * Verifies tokens of Python's `TimestampSigner`: an HMAC with a key that is derived from secret and salt.
 *
 * @see {@link https://itsdangerous.palletsprojects.com/en/stable/signer/ | itsdangerous}
 */
export function createTimestampedAuthenticator(
  signer: TimestampSigner,
): (token: ParsedToken) => TokenRefusal | undefined {
  const keys = signer.secrets.map(secret => deriveKey(secret, signer))
  const prefix = signer.signedPrefix === undefined ? '' : `${signer.signedPrefix}_`
  return ({ signedText, signature }) => {
    const isAuthentic = keys.some(key => {
      const expected = createHmac(signer.digest, key)
        .update(prefix + signedText)
        .digest()
      return expected.length === signature.length && timingSafeEqual(expected, signature)
    })
    return isAuthentic ? undefined : { reason: 'signature_invalid' }
  }
}

function deriveKey(secret: Uint8Array, { salt, digest, keyDerivation }: TimestampSigner): Uint8Array {
  switch (keyDerivation) {
    case 'django-concat':
      return createHash(digest).update(`${salt}signer`).update(secret).digest()
    case 'concat':
      return createHash(digest).update(salt).update(secret).digest()
    case 'hmac':
      return createHmac(digest, secret).update(salt).digest()
    case 'none':
      return secret
  }
}
