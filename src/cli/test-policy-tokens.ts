import { randomBytes } from 'node:crypto'
import type { Config } from '../config/config.ts'
import { sessionsOf } from '../gateway/gate.ts'
import type { Sessions } from '../session/create-sessions.ts'
import { mintJwt } from '../simulator/session-token.ts'
import type { SessionDocument, TokenState } from './test-policy-schema.ts'

/** Makes the tokens that cases speak of. Each is a real one: it is signed, and read by the gateway's own verifier. */
export interface TrialTokens {
  readonly sessions: Sessions
  /** The token of a session; undefined where none is sent. */
  tokenFor(session: SessionDocument): string | undefined
}

type Make = (claims: Readonly<Record<string, unknown>>) => string
type Makers = Readonly<Record<Exclude<TokenState, 'none'>, Make>>

/**
 * Mode, times and required claims are those of the configuration. Its keys are not needed: a secret is drawn that nobody
 * else ever sees.
 *
 * @param now seconds since the epoch, for all of them
 */
export async function createTrialTokens(config: Config, now: number): Promise<TrialTokens> {
  const secret = randomBytes(32).toString('base64url')
  const sessions = await sessionsOf({ ...config, session: withSecret(config, secret) }, () => now)
  const create = creatorFor(config, sessions, makersFor(config, now, secret))
  const known = new Map<string, string | undefined>()
  return {
    sessions,
    tokenFor(session) {
      const key = JSON.stringify(session)
      if (!known.has(key)) known.set(key, create(session))
      return known.get(key)
    },
  }
}

function creatorFor(config: Config, { registry }: Sessions, make: Makers): TrialTokens['tokenFor'] {
  // What sets two tokens apart that say the same.
  let count = 0
  return ({ token, ...session }) => {
    if (token === 'none') return undefined
    const { claims, origin } = factsOf(session, config)
    const text = make[token]({ ...claims, a: ++count })
    // Where a record is what makes a token real, every session has one; elsewhere those about which something is on record.
    const isRecorded = config.session.verify === 'ledger' || Object.keys(origin).length > 0
    if (token !== 'forged' && isRecorded) registry.record(text, origin)
    if (token === 'revoked') registry.revoke({ token: text })
    return text
  }
}

function withSecret({ session }: Config, secret: string): Config['session'] {
  return {
    ...session,
    formats: ['jwt'],
    jwt: { ...session.jwt, algorithms: ['HS256'], jwksUrl: null },
    keys: { jwtSecrets: [Buffer.from(secret)], timestampedSecrets: [], publicKey: null, jwks: null },
  }
}

/** What a token says about its session, and what is on record about it. */
function factsOf({ scopes, ...onRecord }: Omit<SessionDocument, 'token'>, config: Config) {
  const { issuer, audience } = config.session.jwt
  const { scopeClaim } = config.policy
  const isClaimed = scopes !== undefined && scopeClaim !== null
  return {
    claims: {
      ...(issuer !== null && { iss: issuer }),
      ...(audience !== null && { aud: audience }),
      ...(isClaimed && { [scopeClaim]: scopes.join(' ') }),
    },
    origin: { ...originOfIssued(onRecord, config), ...onRecord, ...(scopes !== undefined && !isClaimed && { scopes }) },
  }
}

/**
 * What the gateway puts on record of the sessions that it issues. One of a use case that the policy does not list can only
 * be such a session, since no other is registered.
 */
function originOfIssued({ useCase = '' }: Pick<SessionDocument, 'useCase'>, { issuing, policy }: Config) {
  const { size } = policy.useCases
  if (!issuing?.useCases.includes(useCase) || size === 0 || policy.useCases.has(useCase)) return {}
  return { merchantAccount: issuing.merchantAccount, isIssuedHere: true }
}

function makersFor({ environment, session }: Config, now: number, secret: string): Makers {
  const start = Math.floor(now)
  const { maxLifetimeSec, clockToleranceSec } = session
  const exp = start + maxLifetimeSec
  const other = environment === 'sandbox' ? 'cert' : 'sandbox'
  const sign = (claims: object): string => mintJwt(environment, { exp, ...claims }, secret)
  return {
    valid: sign,
    revoked: sign,
    expired: claims => sign({ ...claims, exp: start - clockToleranceSec - 1 }),
    not_yet_valid: claims => sign({ ...claims, nbf: start + clockToleranceSec + 2 }),
    too_long: claims => sign({ ...claims, iat: start, exp: exp + 1 }),
    forged: claims => mintJwt(environment, { exp, ...claims }, randomBytes(32).toString('base64url')),
    other_environment: claims => mintJwt(other, { exp, ...claims }, secret),
    malformed: () => `${environment}_abcd.efgh.ijkl`,
    not_canonical: claims => `${sign(claims)}=`,
    authentication: () => `${environment}_${randomBytes(15).toString('hex')}`,
  }
}
