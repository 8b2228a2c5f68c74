import { z } from 'zod'
import { authenticationTokenLifetimeSec } from '../forage/token-answers.ts'
import { isSymmetric, type JwtAlgorithm, jwtAlgorithms } from '../session/algorithms.ts'
import { keyUrl, type RateDocument, rate, wholeNumber, words } from './schema-values.ts'
import { type SecretSource, secret } from './secret-schema.ts'

export interface IssuingDocument {
  readonly merchantAccount: string
  readonly clientId: SecretSource
  readonly clientSecret: SecretSource
  readonly authenticationTokens: {
    readonly lifetimeSec: number
    readonly renewBeforeSec: number
    readonly oauthScope: string
  }
  readonly useCases: Readonly<Record<string, object>>
  readonly callers: {
    readonly jwt: SignInDocument | null
    readonly backend: { readonly keys: readonly SecretSource[] } | null
  }
  readonly onLeakedAuthenticationToken: 'alert' | 'revoke'
  readonly perCaller: RateDocument | null
}

interface SignInDocument {
  readonly jwksUrl: string
  readonly algorithms: readonly JwtAlgorithm[]
  readonly issuer: string
  readonly audience: string
  readonly customerClaim: string
}

const { min, max } = authenticationTokenLifetimeSec

const authenticationTokens = z
  .strictObject({
    lifetimeSec: wholeNumber(min, max, 'seconds')
      .default(604_800)
      .describe('Life to ask for, in seconds: 1 to 30 days.'),
    // A session ends with its authentication token: the last one must have its 15 minutes, and a renewal that fails its
    // second attempt.
    renewBeforeSec: wholeNumber(1800, max, 'seconds')
      .default(86_400)
      .describe('How long before its end a token is replaced, in seconds.'),
    oauthScope: words(
      /^[\x21\x23-\x5b\x5d-\x7e]+(?: [\x21\x23-\x5b\x5d-\x7e]+)*$/,
      'must be one or more words, such as pinpad_only',
    )
      .default('pinpad_only')
      .describe('OAuth scope to ask for; several are separated by spaces.'),
  })
  .prefault({})
  .describe("The merchant's long-lived tokens; they never leave the gateway.")

const publicAlgorithms = jwtAlgorithms.filter(algorithm => !isSymmetric(algorithm))
const algorithmError = `must be of ${publicAlgorithms.join(', ')}`

const jwt = z
  .strictObject({
    jwksUrl: keyUrl("Where the merchant's sign-in publishes its keys (JWKS)."),
    algorithms: z
      .array(z.enum(publicAlgorithms, { error: algorithmError }))
      .min(1, { error: 'must name at least one algorithm: write [RS256]' })
      .default([...publicAlgorithms])
      .describe('Accepted algorithms. They are never taken from the token.'),
    issuer: words(/./s, 'must be text').describe('Required value of the iss claim.'),
    audience: words(/./s, 'must be text').describe('Value that the aud claim has to be or to hold.'),
    customerClaim: words(/./s, 'must be text').default('sub').describe('Claim that names the customer.'),
  })
  .nullable()
  .default(null)
  .describe("Customers with a token of the merchant's own sign-in. Null: none.")

const backend = z
  .strictObject({
    keys: z
      .array(secret('A key of the backend.'))
      .min(1, { error: 'must hold at least one key' })
      .describe('Keys that the backend may send; more than one while a key is changed.'),
  })
  .nullable()
  .default(null)
  .describe("The merchant's server, with a key of its own. Null: none.")

const callers = z
  .strictObject({ jwt, backend })
  .refine(callers => callers.jwt !== null || callers.backend !== null, {
    error: 'must have jwt or backend: write backend: { keys: [{ file: backend.key }] }',
  })
  .describe('Who may ask for session tokens; at least one.')

const useCaseName = words(/^[a-z][a-z0-9_]{0,63}$/, 'must be a name in lower case')

/** Two tokens each while they are renewed, for some replicas: Forage allows 1000. */
const maxUseCases = 50
const useCasesError = `must name 1 to ${maxUseCases} use cases: write { checkout: {} }`

export const issuingSchema: z.ZodType<IssuingDocument | null> = z
  .strictObject({
    merchantAccount: words(
      /^[\x21-\x7e]+$/,
      'must be your merchant account in quotes, without spaces, such as "123ab45c67"',
    ).describe('Merchant-Account to send.'),
    clientId: secret('OAuth client id.'),
    clientSecret: secret('OAuth client secret.'),
    authenticationTokens,
    useCases: z
      .record(useCaseName, z.strictObject({}), { error: useCasesError })
      .refine(isCountable, { error: useCasesError })
      .default({ checkout: {}, balance: {} })
      .describe('One authentication token each; the first is the default.'),
    callers,
    perCaller: rate(30, 60).describe('How often one signed-in customer may ask. Null: no limit.'),
    onLeakedAuthenticationToken: z
      .enum(['alert', 'revoke'])
      .default('alert')
      .describe('What to do when a client app sends one of our authentication tokens.'),
  })
  .nullable()
  .default(null)
  .describe('Obtains session tokens from Forage for signed-in customers. Null: off.')

function isCountable(useCases: Readonly<Record<string, object>>): boolean {
  const count = Object.keys(useCases).length
  return count > 0 && count <= maxUseCases
}
