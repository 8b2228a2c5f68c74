/** What makes a session token authentic. */
export const verifyModes = ['signature', 'ledger', 'upstream'] as const
export type VerifyMode = (typeof verifyModes)[number]

/** What each mode proves about an accepted token, for people: shown at start and in `/status`. */
export const whatModesProve: Readonly<Record<VerifyMode, string>> = {
  signature: 'each token was made by a holder of a key that is configured here',
  ledger: 'each token was issued through this gateway or registered by the merchant, letter by letter',
  upstream: 'nothing about who made a token: its form, environment, age and scope are checked here, the rest by Forage',
}
