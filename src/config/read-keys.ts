import { isDevelopment } from '../forage/environments.ts'
import { isSymmetric, minSecretOctets } from '../session/algorithms.ts'
import { tokenFormats } from '../session/session.ts'
import type { KeyMaterial } from '../session/session-settings.ts'
import { type KeyFile, readKeySet, readPublicKey, secretsIn } from './read-public-keys.ts'
import { readSecret, type SecretPlace } from './read-secret.ts'
import type { SecretSource, SecretSources } from './secret-schema.ts'
import type { SessionDocument } from './session-schema.ts'
import { weaknessOf } from './weak-secrets.ts'
import type { KeyPath } from './yaml-file.ts'

export type Report = (path: KeyPath, message: string) => void

const jwtKey: KeyPath = ['session', 'jwt']

/**
 * Reads the key material that verify: signature needs, and checks that it is fit.
 *
 * @param report takes what is wrong
 */
export function readKeys(document: SessionDocument, place: SecretPlace, report: Report): KeyMaterial {
  const { jwt, timestamped } = document
  const minOctets = Math.max(0, ...jwt.algorithms.filter(isSymmetric).map(minSecretOctets))
  const keyFile = (name: string, file: string): KeyFile => ({
    path: [...jwtKey, name],
    file,
    algorithms: jwt.algorithms,
    place,
  })
  const keys = {
    jwtSecrets: readSecrets(jwt.secret, [...jwtKey, 'secret'], minOctets, place, report),
    timestampedSecrets: readSecrets(
      timestamped?.secret ?? null,
      ['session', 'timestamped', 'secret'],
      16,
      place,
      report,
    ),
    publicKey: jwt.publicKeyFile === null ? null : readPublicKey(keyFile('publicKeyFile', jwt.publicKeyFile), report),
    jwks: jwt.jwksFile === null ? null : readKeySet(keyFile('jwksFile', jwt.jwksFile), report),
  }
  refuseSharedSecret(document, keys, report)
  return keys
}

function readSecrets(
  sources: SecretSources | null,
  path: KeyPath,
  minOctets: number,
  place: SecretPlace,
  report: Report,
): readonly Uint8Array[] {
  return listed(sources).flatMap((source, index) => {
    const at = Array.isArray(sources) ? [...path, index] : path
    const secret = readSecret(source, place)
    if ('message' in secret) {
      report([...at, ...secret.path], secret.message)
      return []
    }
    const isStrict = place.environment !== undefined && !isDevelopment(place.environment)
    const weakness = isStrict ? weaknessOf(secret, minOctets) : undefined
    if (weakness !== undefined) report(at, weakness)
    return [secret]
  })
}

/** Without derivation, the MAC of a timestamped token is that of an HS* token: one secret would sign both formats. */
function refuseSharedSecret({ timestamped }: SessionDocument, keys: KeyMaterial, report: Report): void {
  if (timestamped?.keyDerivation !== 'none') return
  const others = [...keys.jwtSecrets, ...secretsIn(keys.jwks)]
  if (!keys.timestampedSecrets.some(secret => others.some(other => Buffer.compare(secret, other) === 0))) return
  report(
    ['session', 'timestamped', 'keyDerivation'],
    'is none, with a secret that also signs JWTs, so that both formats have one MAC: use another secret or derivation',
  )
}

function listed(sources: SecretSources | null): readonly SecretSource[] {
  if (sources === null) return []
  return Array.isArray(sources) ? sources : [sources as SecretSource]
}

/** Formats that have key material. */
export function verifiableFormats({ jwt, timestamped }: SessionDocument): readonly (typeof tokenFormats)[number][] {
  const hasJwtKey = [jwt.secret, jwt.jwksUrl, jwt.jwksFile, jwt.publicKeyFile].some(source => source !== null)
  return tokenFormats.filter(format => (format === 'jwt' ? hasJwtKey : timestamped !== null))
}
