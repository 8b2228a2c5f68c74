import { createHash } from 'node:crypto'

/**
 * What a token is known by in revocations and logs: the digest of what its signature is over.
 *
 * Not of the signature: of an ECDSA signature (r, s) everybody can make a second valid one (r, n - s), which would walk
 * around a revocation. And not of the raw text, for the same reason.
 */
export function tokenIdentity(signedText: string): string {
  return createHash('sha256').update(signedText).digest('base64url')
}

/**
 * What one exact token text is known by where its signature was not verified: a text that differs in its signature only
 * must be another token there.
 */
export function textDigest(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}
