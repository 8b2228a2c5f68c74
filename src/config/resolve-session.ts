import { isDevelopment } from '../forage/environments.ts'
import type { SessionConfig } from './config.ts'
import { readSecret, type SecretPlace } from './read-secret.ts'
import type { SchemaIssue } from './schema-issues.ts'
import type { SessionDocument } from './session-schema.ts'
import type { KeyPath } from './yaml-file.ts'

/** Octets that a key for HS256 needs at least: as many as the digest has (RFC 7518 §3.2). */
export const minHs256SecretOctets = 32

const secretKey = ['session', 'jwt', 'secret']

/**
 * Reads the key material of sessions.
 *
 * @param report takes what is wrong
 */
export function resolveSession(
  document: SessionDocument,
  place: SecretPlace,
  report: (path: KeyPath, message: string) => void,
): SessionConfig {
  if (!document.formats.includes('jwt'))
    report(['session', 'formats'], 'not available yet: timestamped tokens alone; write [jwt, timestamped] or [jwt]')
  const secret = readSessionSecret(document, place)
  if ('message' in secret) report(secret.path, secret.message)
  return {
    verify: 'signature',
    formats: document.formats,
    jwt: { algorithms: ['HS256'], secret: 'message' in secret ? new Uint8Array() : secret },
    maxLifetimeSec: document.maxLifetimeSec,
    clockToleranceSec: document.clockToleranceSec,
  }
}

function readSessionSecret({ jwt }: SessionDocument, place: SecretPlace): Uint8Array | SchemaIssue {
  if (jwt.secret === null) {
    const message = 'is needed to verify signatures: write { env: FORAGE_SESSION_SECRET } or { file: PATH }'
    return { path: secretKey, message }
  }
  const secret = readSecret(jwt.secret, place)
  if ('message' in secret) return { path: [...secretKey, ...secret.path], message: secret.message }
  const isShort = secret.length < minHs256SecretOctets
  if (!isShort || place.environment === undefined || isDevelopment(place.environment)) return secret
  const message = `is too short for HS256: use a secret of at least ${minHs256SecretOctets} octets (RFC 7518 §3.2)`
  return { path: secretKey, message }
}
