import { isSymmetric } from '../session/algorithms.ts'
import type { KeyMaterial } from '../session/session-settings.ts'
import type { SessionConfig } from './config.ts'
import { type Report, readKeys, verifiableFormats } from './read-keys.ts'
import type { SecretPlace } from './read-secret.ts'
import type { SessionDocument } from './session-schema.ts'
import type { KeyPath } from './yaml-file.ts'

const noKeys: KeyMaterial = { jwtSecrets: [], timestampedSecrets: [], publicKey: null, jwks: null }

/** Where a part of the configuration stands, and who is told what is wrong with it. */
export interface SessionSurroundings {
  readonly place: SecretPlace
  readonly report: Report
  /** Whether something is known to be wrong at a key. */
  readonly isWrong: (path: KeyPath) => boolean
}

/** Completes the session part: checks that the mode has what it needs, and reads its keys. */
export function resolveSession(document: SessionDocument, surroundings: SessionSurroundings): SessionConfig {
  const { place, report } = surroundings
  const { verify, formats, jwt, timestamped, maxLifetimeSec, clockToleranceSec } = document
  const needsKeys = verify === 'signature'
  if (needsKeys) checkSources(document, surroundings)
  return {
    verify,
    formats: needsKeys ? formats.filter(format => verifiableFormats(document).includes(format)) : formats,
    jwt: { algorithms: jwt.algorithms, issuer: jwt.issuer, audience: jwt.audience, jwksUrl: jwt.jwksUrl },
    timestamped,
    keys: needsKeys ? readKeys(document, place, report) : noKeys,
    maxLifetimeSec,
    clockToleranceSec,
  }
}

/** One source of JWT keys, and one that fits the algorithms: a public key is no secret, nor the reverse. */
function checkSources(document: SessionDocument, { report, isWrong }: SessionSurroundings): void {
  const { secret, jwksUrl, jwksFile, publicKeyFile, algorithms } = document.jwt
  const sources = { secret, jwksUrl, jwksFile, publicKeyFile }
  const [first, second] = Object.entries(sources).flatMap(([name, source]) => (source === null ? [] : [name]))
  if (second !== undefined) report(['session', 'jwt', second], `stands beside ${first}: give one source of keys`)
  // A source that is not well formed has been set aside, and is no source that is missing.
  const isSetAside = Object.keys(sources).some(name => isWrong(['session', 'jwt', name]))
  if (!isSetAside && !document.formats.some(format => verifiableFormats(document).includes(format))) {
    const hint =
      'write secret: { env: FORAGE_SESSION_SECRET } or { file: PATH }, or one of jwksUrl, jwksFile, publicKeyFile'
    if (document.formats.includes('jwt'))
      report(['session', 'jwt', 'secret'], `is needed to verify signatures: ${hint}`)
    else report(['session', 'timestamped'], 'is needed to verify signatures: write { secret: { file: PATH } }')
  }
  const path = ['session', 'jwt', 'algorithms']
  if (secret !== null && !algorithms.every(isSymmetric))
    report(path, 'must be of HS256, HS384, HS512 with a shared secret')
  if ((jwksUrl ?? publicKeyFile) !== null && algorithms.some(isSymmetric)) {
    report(path, 'must name the algorithms of the public keys, such as [ES256]; HS* is for shared secrets')
  }
}
