/** A session token as the gateway's `POST /session_token` answers it. */
export interface IssuedSessionToken {
  /** Without `Bearer`. */
  readonly token: string
  /** When it ends, RFC 3339. Without it a token is renewed only when it has been refused. */
  readonly expires_at?: string
}

/** Asks for a session token that was not handed out before. */
export type GetSessionToken = () => Promise<string | IssuedSessionToken> | string | IssuedSessionToken

/** A token in use. Compared by identity: which one was refused counts, not what it says. */
export interface HeldToken {
  readonly token: string
  /** Seconds since the epoch; infinite where the end is not known. */
  readonly renewAt: number
}

/** The one token that all requests share. */
export interface SessionTokens {
  /** The token to use now. Rejects with what `getSessionToken` threw; the next call then tries again. */
  current(): Promise<HeldToken>
  /** The gateway refused this one. Says nothing about one that has replaced it since. */
  discard(refused: HeldToken): void
}

export interface SessionTokensOptions {
  readonly getSessionToken: GetSessionToken
  /** Default 30. */
  readonly renewBeforeSec?: number
  /** Seconds since the epoch. Default: the system clock. */
  readonly now?: () => number
}

/** What may stand behind `Bearer`. A platform's complaint about anything else would repeat the token. */
const visibleAscii = /^[\x21-\x7e]+$/

export function createSessionTokens(options: SessionTokensOptions): SessionTokens {
  const { getSessionToken, renewBeforeSec = 30, now = systemClock } = options
  let held: HeldToken | undefined
  let renewal: Promise<HeldToken> | undefined

  async function renew(): Promise<HeldToken> {
    const { token, endsAt } = readIssued(await getSessionToken())
    const renewAt = endsAt - renewBeforeSec
    // Over on arrival: the clock of this device is off, and each request would ask for a token. The gateway will tell.
    held = { token, renewAt: renewAt > now() ? renewAt : Number.POSITIVE_INFINITY }
    return held
  }

  return {
    async current() {
      if (renewal === undefined && held !== undefined && now() < held.renewAt) return held
      renewal ??= renew().finally(() => {
        renewal = undefined
      })
      return renewal
    },
    discard(refused) {
      if (held === refused) held = undefined
    },
  }
}

/** @throws TypeError that does not repeat what was given */
function readIssued(issued: unknown): { readonly token: string; readonly endsAt: number } {
  const { token, expires_at } = (typeof issued === 'string' ? { token: issued } : (issued ?? {})) as Partial<
    Record<keyof IssuedSessionToken, unknown>
  >
  if (typeof token !== 'string' || !visibleAscii.test(token)) {
    throw new TypeError(
      'getSessionToken: must give a session token, alone or as { token, expires_at }, without "Bearer"',
    )
  }
  const endsAt = typeof expires_at === 'string' ? Date.parse(expires_at) / 1000 : Number.NaN
  return { token, endsAt: Number.isNaN(endsAt) ? Number.POSITIVE_INFINITY : endsAt }
}

function systemClock(): number {
  return Date.now() / 1000
}
