import type { JwtAlgorithm } from './algorithms.ts'
import type { KeyDerivation, TimestampDigest } from './authenticate-timestamped.ts'
import type { TokenFormat } from './session.ts'
import type { TimeRules } from './times.ts'
import type { VerifyMode } from './verify-mode.ts'

/** How session tokens are verified, as an operator sets it. */
export interface SessionSettings extends TimeRules {
  readonly verify: VerifyMode
  readonly formats: readonly TokenFormat[]
  readonly jwt: {
    readonly algorithms: readonly JwtAlgorithm[]
    /** Required value of `iss`; null: not checked. */
    readonly issuer: string | null
    /** Required value of `aud`; null: not checked. */
    readonly audience: string | null
    /** Where public keys are published; null: nowhere. */
    readonly jwksUrl: string | null
  }
  /** How the signer of timestamped tokens is set up; null: there is no key for them. */
  readonly timestamped: TimestampedSettings | null
}

export interface TimestampedSettings {
  readonly salt: string
  readonly digest: TimestampDigest
  readonly keyDerivation: KeyDerivation
  readonly signsPrefix: boolean
}

/** Keys for mode `signature`. Several secrets are live at once while one replaces the other. */
export interface KeyMaterial {
  readonly jwtSecrets: readonly Uint8Array[]
  readonly timestampedSecrets: readonly Uint8Array[]
  /** SubjectPublicKeyInfo in PEM. */
  readonly publicKey: string | null
  /** A JWK Set or one JWK; null: none. */
  readonly jwks: unknown
}
