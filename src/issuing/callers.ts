import { createHmac } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { IssuingConfig, SignInConfig } from '../config/config.ts'
import { createJwtAuthenticator } from '../session/authenticate-jwt.ts'
import { fetchOctets } from '../session/fetch-octets.ts'
import { createRemoteKeys, type FetchOctets } from '../session/remote-keys.ts'
import { textDigest } from '../session/token-identity.ts'
import { createBackendKeys } from './backend-keys.ts'
import type { IssueRefusal } from './issue-refusal.ts'
import { judgeSignIn, parseSignInToken, readSignIn, type SignedIn, type SignInFault } from './sign-in-token.ts'

/** Who asks for a session token. */
export interface Caller {
  readonly kind: 'customer' | 'backend'
  /** Keyed hash (HMAC) of the customer's id, never the id itself; undefined for a backend. */
  readonly customer: string | undefined
  /** What limits per caller count by. */
  readonly limitKey: string
}

export interface Callers {
  /** @param credentials the text after `Bearer `; `''`: none */
  identify(credentials: string): Caller | IssueRefusal | Promise<Caller | IssueRefusal>
  /** Replaces the keys of the backend. */
  useBackendKeys(keys: readonly string[]): void
}

export interface CallersOptions {
  readonly settings: Pick<IssuingConfig, 'signIn'> & { readonly secrets: Pick<IssuingConfig['secrets'], 'backendKeys'> }
  /** Key of the hashes that stand for customers: the same in every process whose logs are to be joined. */
  readonly customerKey: Uint8Array
  /** Current time in seconds since the epoch. */
  readonly now: () => number
  /** By how many seconds the clock of the sign-in may differ from ours. Default 5. */
  readonly clockToleranceSec?: number
  /** Default: over connections of its own, within 5 seconds. */
  readonly fetchOctets?: FetchOctets
  /** Told when the published keys could not be had. */
  readonly onKeyFailure?: (error: unknown) => void
  /** Told why a token of the sign-in was refused. */
  readonly onRefused?: (fault: SignInFault) => void
  /** Most verified tokens that are remembered. Default 10,000. */
  readonly maxVerified?: number
}

/** Longest credentials that are looked at. Some sign-ins put kilobytes of claims into a token. */
const maxCredentialsLength = 8192

const notAccepted: IssueRefusal = { reason: 'caller_not_accepted' }

type Verify = (credentials: string) => Caller | SignInFault | Promise<Caller | SignInFault>

export function createCallers(options: CallersOptions): Callers {
  const { settings, onRefused = () => {} } = options
  const verify = settings.signIn === null ? undefined : createVerify(settings.signIn, options)
  let keys = createBackendKeys(settings.secrets.backendKeys)

  function settle(outcome: Caller | SignInFault): Caller | IssueRefusal {
    if (typeof outcome !== 'string') return outcome
    onRefused(outcome)
    // Not about the caller: the same credentials may be fine in a moment.
    return outcome === 'keys_unavailable' ? { reason: 'overloaded', retryAfterSec: 1 } : notAccepted
  }

  return {
    identify(credentials) {
      if (credentials === '') return { reason: 'credentials_missing' }
      if (credentials.length > maxCredentialsLength) return notAccepted
      const key = keys.find(credentials)
      if (key !== undefined) return { kind: 'backend', customer: undefined, limitKey: `backend:${key}` }
      if (!verify) return notAccepted
      const outcome = verify(credentials)
      return outcome instanceof Promise ? outcome.then(settle) : settle(outcome)
    },
    useBackendKeys(changed) {
      keys = createBackendKeys(changed)
    },
  }
}

/**
 * Verifies tokens of the merchant's sign-in. Those that were good are remembered by their digest until they end, or until
 * the published keys change; a flood of bad ones pushes nobody out.
 */
function createVerify({ jwksUrl: url, algorithms, ...rules }: SignInConfig, options: CallersOptions): Verify {
  const { now, clockToleranceSec = 5, onKeyFailure, maxVerified = 10_000 } = options
  const verified = new LRUCache<string, SignedIn>({ max: maxVerified })
  let generation = 0
  const keys = createRemoteKeys({
    url,
    algorithms,
    fetchOctets: options.fetchOctets ?? fetchOctets,
    now,
    ...(onKeyFailure && { onFailure: onKeyFailure }),
    onKeysChanged() {
      verified.clear()
      generation++
    },
  })
  const authenticate = createJwtAuthenticator({ algorithms, keys })

  function judge(signedIn: SignedIn): Caller | SignInFault {
    const fault = judgeSignIn(signedIn, now(), clockToleranceSec)
    return fault ?? customerOf(signedIn.customer, options.customerKey)
  }

  async function verifyNew(credentials: string): Promise<Caller | SignInFault> {
    const token = parseSignInToken(credentials)
    if (!token) return 'malformed'
    const begun = generation
    const refusal = await authenticate(token)
    if (refusal) return faultOf(refusal.reason)
    const signedIn = readSignIn(token.claims, rules)
    if (typeof signedIn === 'string') return signedIn
    const outcome = judge(signedIn)
    // The key that it was verified with may be gone by now.
    if (typeof outcome !== 'string' && begun === generation) verified.set(textDigest(credentials), signedIn)
    return outcome
  }

  return credentials => {
    const known = verified.get(textDigest(credentials))
    return known ? judge(known) : verifyNew(credentials)
  }
}

function faultOf(reason: string): SignInFault {
  if (reason === 'overloaded') return 'keys_unavailable'
  return reason === 'algorithm_not_allowed' ? 'algorithm_not_allowed' : 'signature_invalid'
}

function customerOf(id: string, key: Uint8Array): Caller {
  const customer = createHmac('sha256', key).update(id).digest('base64url').slice(0, 22)
  return { kind: 'customer', customer, limitKey: `customer:${customer}` }
}
