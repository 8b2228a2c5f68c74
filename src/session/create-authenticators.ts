import type { Environment } from '../forage/environments.ts'
import { type Authenticate, createJwtAuthenticator } from './authenticate-jwt.ts'
import { createTimestampedAuthenticator } from './authenticate-timestamped.ts'
import { fetchOctets } from './fetch-octets.ts'
import { createStaticKeys, importKeySet, importPublicKey, importSecrets, type KeySource } from './jwt-keys.ts'
import { createRemoteKeys, type RemoteKeys } from './remote-keys.ts'
import type { TokenFormat } from './session.ts'
import type { KeyMaterial, SessionSettings } from './session-settings.ts'

export interface Authenticators extends Readonly<Partial<Record<TokenFormat, Authenticate>>> {
  /** Whether there are keys. Absent: they are held here. */
  readonly haveKeys?: () => boolean
}

export interface AuthenticatorSurroundings {
  readonly environment: Environment
  /** Current time in seconds. */
  readonly now: () => number
  /** Told when published keys could not be had. */
  readonly onKeyFailure: (error: unknown) => void
  /** Told when the published keys are others than before. */
  readonly onKeysChanged: () => void
}

/** Makes what proves the signature of each format that there is a key for. */
export async function createAuthenticators(
  settings: SessionSettings,
  keys: KeyMaterial,
  surroundings: AuthenticatorSurroundings,
): Promise<Authenticators> {
  const { algorithms } = settings.jwt
  const source = await createKeySource(settings, keys, surroundings)
  const timestamped = createTimestamped(settings, keys, surroundings.environment)
  return {
    ...(source ? { jwt: createJwtAuthenticator({ algorithms, keys: source }) } : {}),
    ...(source && 'areKnown' in source ? { haveKeys: source.areKnown } : {}),
    ...(timestamped ? { timestamped } : {}),
  }
}

async function createKeySource(
  { jwt: { algorithms, jwksUrl } }: SessionSettings,
  { jwtSecrets, publicKey, jwks }: KeyMaterial,
  { now, onKeyFailure, onKeysChanged }: AuthenticatorSurroundings,
): Promise<KeySource | RemoteKeys | undefined> {
  if (jwksUrl !== null) {
    return createRemoteKeys({ url: jwksUrl, algorithms, fetchOctets, now, onFailure: onKeyFailure, onKeysChanged })
  }
  if (publicKey !== null) return createStaticKeys(await importPublicKey(publicKey, algorithms))
  if (jwks !== null) return createStaticKeys(await importKeySet(jwks, algorithms, true))
  return jwtSecrets.length > 0 ? createStaticKeys(await importSecrets(jwtSecrets, algorithms)) : undefined
}

function createTimestamped(
  { timestamped }: SessionSettings,
  { timestampedSecrets }: KeyMaterial,
  environment: Environment,
): Authenticate | undefined {
  if (timestamped === null || timestampedSecrets.length === 0) return undefined
  const { salt, digest, keyDerivation, signsPrefix } = timestamped
  const signedPrefix = signsPrefix ? environment : undefined
  return createTimestampedAuthenticator({ secrets: timestampedSecrets, salt, digest, keyDerivation, signedPrefix })
}
