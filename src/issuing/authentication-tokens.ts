import { digestOfSent, type HeldToken } from './held-token.ts'
import { TokenHolder, type TokenHolderOptions } from './token-holder.ts'

export interface AuthenticationTokensOptions extends Omit<TokenHolderOptions, 'useCase' | 'onToken'> {
  /** Each has a token of its own; the first is the default. */
  readonly useCases: readonly string[]
}

/** Which tokens are meant. A text or its digest names one, also while it is being replaced. */
export type TokenChoice =
  | { readonly useCase: string }
  | { readonly authenticationToken: string }
  | { readonly all: true }

/** What has become of authentication tokens that were to end: the use cases whose tokens were meant. */
export interface Retirement {
  /** Forage has revoked them, and there is another one. */
  readonly replaced: readonly string[]
  /** They may still work at Forage, or there is no other one yet. Both are tried again until they are done. */
  readonly pending: readonly string[]
}

/** The authentication tokens of all use cases. They are in memory only. */
export interface AuthenticationTokens {
  /** @param useCase undefined: the default one */
  holderOf(useCase: string | undefined): { readonly useCase: string; readonly holder: TokenHolder } | undefined
  retire(which: TokenChoice): Promise<Retirement>
  /** The use case that a text was a token of, until its end, also when it was retired or replaced long ago. */
  useCaseOf(authenticationToken: string): string | undefined
  start(): void
  /** The credentials are others now. */
  forgetFailures(): void
  close(sessionsOutlive: boolean): Promise<void>
}

export function createAuthenticationTokens(options: AuthenticationTokensOptions): AuthenticationTokens {
  const { useCases, now } = options
  // By digest: the text of a token that is over is kept nowhere.
  const known = new Map<string, { readonly useCase: string; readonly expiresAt: number }>()

  function onToken({ digest, useCase, expiresAt }: HeldToken): void {
    for (const [old, { expiresAt: end }] of known) if (end <= now()) known.delete(old)
    known.set(digest, { useCase, expiresAt })
  }

  const holders = new Map(useCases.map(useCase => [useCase, new TokenHolder({ ...options, useCase, onToken })]))
  return {
    holderOf(useCase = useCases[0] ?? '') {
      const holder = holders.get(useCase)
      return holder && { useCase, holder }
    },
    async retire(which) {
      const ends = [...holders].map(async ([useCase, holder]) => {
        return { useCase, end: await holder.retire(token => isMeant(token, which)) }
      })
      const all = await Promise.all(ends)
      const useCasesOf = (wanted: 'replaced' | 'pending') =>
        all.filter(({ end }) => end === wanted).map(({ useCase }) => useCase)
      return { replaced: useCasesOf('replaced'), pending: useCasesOf('pending') }
    },
    useCaseOf(authenticationToken) {
      const token = known.get(digestOfSent(authenticationToken))
      return token && token.expiresAt > now() ? token.useCase : undefined
    },
    start() {
      for (const holder of holders.values()) holder.start()
    },
    forgetFailures() {
      for (const holder of holders.values()) holder.forgetFailure()
    },
    async close(sessionsOutlive) {
      await Promise.all([...holders.values()].map(holder => holder.close(sessionsOutlive)))
    },
  }
}

function isMeant({ useCase, digest }: HeldToken, which: TokenChoice): boolean {
  if ('all' in which) return true
  if ('useCase' in which) return which.useCase === useCase
  return digest === which.authenticationToken || digest === digestOfSent(which.authenticationToken)
}
