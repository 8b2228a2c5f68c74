import { z } from 'zod'
import { type JwtAlgorithm, jwtAlgorithms } from '../session/algorithms.ts'
import { keyDerivations, timestampDigests } from '../session/authenticate-timestamped.ts'
import { type TokenFormat, tokenFormats } from '../session/session.ts'
import type { TimestampedSettings } from '../session/session-settings.ts'
import { type VerifyMode, verifyModes } from '../session/verify-mode.ts'
import { filePath, keyUrl, wholeNumber, words } from './schema-values.ts'
import { type SecretSources, secrets } from './secret-schema.ts'

export interface SessionDocument {
  readonly verify: VerifyMode
  readonly formats: readonly TokenFormat[]
  readonly jwt: {
    readonly algorithms: readonly JwtAlgorithm[]
    readonly secret: SecretSources | null
    readonly jwksUrl: string | null
    readonly jwksFile: string | null
    readonly publicKeyFile: string | null
    readonly issuer: string | null
    readonly audience: string | null
  }
  readonly timestamped: (TimestampedSettings & { readonly secret: SecretSources }) | null
  readonly maxLifetimeSec: number
  readonly clockToleranceSec: number
}

const claimValue = words(/./s, 'must be text').nullable().default(null)

const jwt = z
  .strictObject({
    algorithms: z
      .array(z.enum(jwtAlgorithms))
      .min(1, { error: 'must name at least one algorithm: write [HS256]' })
      .default(['HS256'])
      .describe('Accepted algorithms. They are never taken from the token.'),
    secret: secrets(
      'Shared secret of HS* tokens; HS256 needs at least 32 octets. A list of two while one replaces the other.',
    )
      .nullable()
      .default(null),
    jwksUrl: keyUrl('Where the public keys are published (JWKS).').nullable().default(null),
    jwksFile: filePath('File with public keys (JWKS).').nullable().default(null),
    publicKeyFile: filePath('PEM file with one public key.').nullable().default(null),
    issuer: claimValue.describe('Required value of the iss claim. Null: not checked.'),
    audience: claimValue.describe('Required value of the aud claim. Null: not checked.'),
  })
  .prefault({})
  .describe('Key material of the JWT format, for verify: signature.')

const timestamped = z
  .strictObject({
    secret: secrets('Secret of the signer. A list of two while one replaces the other.'),
    salt: words(/./s, 'must be text').default('itsdangerous.Signer').describe('Salt of the signer.'),
    digest: z.enum(timestampDigests).default('sha256').describe('Digest of the signature.'),
    keyDerivation: z
      .enum(keyDerivations)
      .default('django-concat')
      .describe('How the key is derived from secret and salt.'),
    signsPrefix: z.boolean().default(false).describe('Whether the environment prefix is part of what is signed.'),
  })
  .nullable()
  .default(null)
  .describe('Key material of the timestamped format, for verify: signature. Null: none.')

export const sessionSchema: z.ZodType<SessionDocument> = z
  .strictObject({
    verify: z
      .enum(verifyModes)
      .default('ledger')
      .describe('What makes a session token authentic: a key held here, a record of issued tokens, or Forage itself.'),
    formats: z
      .array(z.enum(tokenFormats))
      .min(1, { error: `must name at least one of ${tokenFormats.join(', ')}` })
      .default([...tokenFormats])
      .describe('Formats of session tokens that are accepted, where there is a key for them.'),
    jwt,
    timestamped,
    maxLifetimeSec: wholeNumber(1, 86_400, 'seconds')
      .default(900)
      .describe('Longest life of a session token that is accepted, in seconds.'),
    clockToleranceSec: wholeNumber(0, 300, 'seconds')
      .default(5)
      .describe("By how many seconds the issuer's clock may differ from ours."),
  })
  .prefault({})
  .describe('How session tokens are verified.')
