import type { webcrypto } from 'node:crypto'
import type { JWK } from 'jose'
import { importJWK, importSPKI } from 'jose/key/import'
import { isSymmetric, type JwtAlgorithm, mayVerify } from './algorithms.ts'
import { type DoubtSignature, importSecret } from './jwt-secrets.ts'

/** A key, bound to the one algorithm that it verifies. */
export interface JwtKey {
  readonly algorithm: JwtAlgorithm
  /** The name that a token's `kid` may ask for; undefined: any token of the algorithm may use it. */
  readonly keyId: string | undefined
  readonly key: webcrypto.CryptoKey
  /** For secrets: whether a signature is surely not of this key, without the way through `jose`. */
  readonly doubts?: DoubtSignature
}

/** Where the keys of a token come from. */
export interface KeySource {
  /**
   * @param keyId the token's `kid`. It is compared, and used for nothing else
   * @returns the keys to try; none when there is no such key; `unavailable` when the keys could not be had
   */
  find(algorithm: string, keyId: string | undefined): KeySelection | Promise<KeySelection>
}

export type KeySelection = readonly JwtKey[] | 'unavailable'

/** Most keys that are tried for one token. A set holds two or three while it rotates. */
const maxTries = 4

/** Bits of an RSA key, at least. */
const minModulusBits = 2048

/** Keys that are held here. */
export function createStaticKeys(keys: readonly JwtKey[]): KeySource {
  return { find: (algorithm, keyId) => selectKeys(keys, algorithm, keyId) }
}

/** The keys of a set that may verify a token: of its algorithm, and of its `kid` when the set has such a key. */
export function selectKeys(keys: readonly JwtKey[], algorithm: string, keyId: string | undefined): readonly JwtKey[] {
  const fitting = keys.filter(key => key.algorithm === algorithm)
  const named = keyId === undefined ? fitting : fitting.filter(key => key.keyId === keyId || key.keyId === undefined)
  return named.slice(0, maxTries)
}

/** Imports shared secrets for the HS* algorithms among those that are allowed. */
export async function importSecrets(
  secrets: readonly Uint8Array[],
  algorithms: readonly JwtAlgorithm[],
): Promise<readonly JwtKey[]> {
  const pairs = algorithms.filter(isSymmetric).flatMap(algorithm => secrets.map(secret => ({ algorithm, secret })))
  return Promise.all(
    pairs.map(async ({ algorithm, secret }) => ({
      algorithm,
      keyId: undefined,
      ...(await importSecret(secret, algorithm)),
    })),
  )
}

/** @throws when the text is no SubjectPublicKeyInfo in PEM, or of another family than every allowed algorithm */
export async function importPublicKey(pem: string, algorithms: readonly JwtAlgorithm[]): Promise<readonly JwtKey[]> {
  const imports = algorithms
    .filter(algorithm => !isSymmetric(algorithm))
    .map(async algorithm => ({ algorithm, keyId: undefined, key: strong(await importSPKI(pem, algorithm)) }))
  const keys = fulfilled(await Promise.allSettled(imports))
  if (keys.length === 0) throw new TypeError(`no public key in PEM that fits ${algorithms.join(', ')}`)
  return keys
}

/**
 * Imports a JWK Set (RFC 7517 §5) or one JWK. Keys that are for something else are passed over, as §5 asks; so are
 * private and, unless `allowSecrets` says otherwise, symmetric ones: a set that is published must hold neither.
 *
 * @throws when the value is no set, or holds no key that fits
 */
export async function importKeySet(
  value: unknown,
  algorithms: readonly JwtAlgorithm[],
  allowSecrets: boolean,
): Promise<readonly JwtKey[]> {
  const usable = jwksOf(value).filter(jwk => (allowSecrets || jwk.kty !== 'oct') && jwk.d === undefined)
  const pairs = usable.flatMap(jwk =>
    algorithms.filter(algorithm => mayVerify(jwk, algorithm)).map(algorithm => ({ jwk, algorithm })),
  )
  const keys = fulfilled(await Promise.allSettled(pairs.map(({ jwk, algorithm }) => importKey(jwk, algorithm))))
  if (keys.length === 0) throw new TypeError(`no key that fits ${algorithms.join(', ')}`)
  return keys
}

async function importKey(jwk: JWK, algorithm: JwtAlgorithm): Promise<JwtKey> {
  const keyId = typeof jwk.kid === 'string' ? jwk.kid : undefined
  if (jwk.kty === 'oct') {
    return { algorithm, keyId, ...(await importSecret(Buffer.from(jwk.k ?? '', 'base64url'), algorithm)) }
  }
  return { algorithm, keyId, key: strong((await importJWK(jwk, algorithm)) as webcrypto.CryptoKey) }
}

/** RFC 7518 §3.3 asks for 2048 bits, and `jose` throws at shorter keys only when a token comes. */
function strong(key: webcrypto.CryptoKey): webcrypto.CryptoKey {
  const { modulusLength = minModulusBits } = key.algorithm as Partial<webcrypto.RsaHashedKeyAlgorithm>
  if (modulusLength < minModulusBits) throw new TypeError(`an RSA key of less than ${minModulusBits} bits`)
  return key
}

function jwksOf(value: unknown): readonly JWK[] {
  const list = isObject(value) && 'keys' in value ? value.keys : [value]
  if (!Array.isArray(list)) throw new TypeError('"keys" is not a list')
  return list.filter(isObject) as readonly JWK[]
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

function fulfilled<T>(results: readonly PromiseSettledResult<T>[]): readonly T[] {
  return results.flatMap(result => (result.status === 'fulfilled' ? [result.value] : []))
}
