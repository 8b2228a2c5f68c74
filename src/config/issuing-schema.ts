import { z } from 'zod'
import { httpsUrl, wholeNumber, words } from './schema-values.ts'
import { secret } from './secret-schema.ts'

const authenticationTokens = z
  .strictObject({
    lifetimeSec: wholeNumber(60, 31_536_000, 'seconds').default(604_800).describe('Life to ask for, in seconds.'),
    renewBeforeSec: wholeNumber(1, 31_536_000, 'seconds')
      .default(86_400)
      .describe('How long before its end a token is replaced, in seconds.'),
    oauthScope: words(/^[\x21-\x7e]+$/, 'must be one word, such as pinpad_only')
      .default('pinpad_only')
      .describe('OAuth scope to ask for.'),
  })
  .prefault({})
  .describe("The merchant's long-lived tokens; they never leave the gateway.")

const callers = z
  .strictObject({
    jwt: z
      .strictObject({
        jwksUrl: httpsUrl("Where the merchant's sign-in publishes its keys."),
        issuer: words(/./s, 'must be text').describe('Required value of the iss claim.'),
        audience: words(/./s, 'must be text').describe('Required value of the aud claim.'),
        customerClaim: words(/./s, 'must be text').default('sub').describe('Claim that names the customer.'),
      })
      .optional()
      .describe("Customers with a token of the merchant's own sign-in."),
    backend: z
      .strictObject({
        keys: z
          .array(secret('A key of the backend.'))
          .min(1, { error: 'must hold at least one key' })
          .describe('Keys that the backend may send; more than one while a key is changed.'),
      })
      .optional()
      .describe("The merchant's server, with a key of its own."),
  })
  .refine(({ jwt, backend }) => jwt !== undefined || backend !== undefined, { error: 'must have jwt or backend' })
  .describe('Who may ask for session tokens; at least one.')

const useCaseName = words(/^[a-z][a-z0-9_]{0,63}$/, 'must be a name in lower case')

export const issuingSchema: z.ZodType = z
  .strictObject({
    merchantAccount: words(/^[\x21-\x7e]+$/, 'must be text: put it in quotes').describe('Merchant-Account to send.'),
    clientId: secret('OAuth client id.'),
    clientSecret: secret('OAuth client secret.'),
    authenticationTokens,
    useCases: z
      .record(useCaseName, z.strictObject({}))
      .default({ checkout: {}, balance: {} })
      .describe('One authentication token each; the first is the default.'),
    callers,
    onLeakedAuthenticationToken: z
      .enum(['alert', 'revoke'])
      .default('alert')
      .describe('What to do when a client app sends one of our authentication tokens.'),
  })
  .nullable()
  .default(null)
  .describe('Obtains session tokens from Forage for signed-in customers. Null: off.')
