/** Algorithms of JWS that session tokens may be signed with (RFC 7518 §3.1, RFC 8037 §3.1). `none` is not among them. */
export const jwtAlgorithms = [
  'HS256',
  'HS384',
  'HS512',
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
] as const

export type JwtAlgorithm = (typeof jwtAlgorithms)[number]

/** Whether an algorithm uses a shared secret. Such a secret is never a public key, nor the reverse. */
export function isSymmetric(algorithm: JwtAlgorithm): boolean {
  return algorithm.startsWith('HS')
}

/** Octets that the secret of an HS* algorithm needs at least: as many as its digest has (RFC 7518 §3.2). */
export function minSecretOctets(algorithm: JwtAlgorithm): number {
  return Number(algorithm.slice(2)) / 8
}

/** The parts of a JWK (RFC 7517 §4) that say what it may be used for. */
export interface JwkMetadata {
  readonly kty?: unknown
  readonly crv?: unknown
  readonly alg?: unknown
  readonly use?: unknown
  readonly key_ops?: unknown
}

const curves: ReadonlyMap<unknown, JwtAlgorithm> = new Map<unknown, JwtAlgorithm>([
  ['P-256', 'ES256'],
  ['P-384', 'ES384'],
  ['P-521', 'ES512'],
  ['Ed25519', 'EdDSA'],
])

/**
 * Whether a JWK may verify an algorithm. A key serves its own family only: an RSA public key taken for the secret of
 * an HS256 token would let anybody sign (RFC 8725 §3.1).
 */
export function mayVerify({ kty, crv, alg, use, key_ops: operations }: JwkMetadata, algorithm: JwtAlgorithm): boolean {
  if (use !== undefined && use !== 'sig') return false
  if (operations !== undefined && !(Array.isArray(operations) && operations.includes('verify'))) return false
  if (alg !== undefined && alg !== algorithm && !(alg === 'Ed25519' && algorithm === 'EdDSA')) return false
  if (kty === 'oct') return isSymmetric(algorithm)
  if (kty === 'RSA') return /^[RP]S/.test(algorithm)
  return (kty === 'EC' || kty === 'OKP') && curves.get(crv) === algorithm
}
