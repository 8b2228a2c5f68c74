import { environments } from '../forage/environments.ts'

/** One rule as gitleaks reads it. */
export interface GitleaksRule {
  readonly id: string
  readonly description: string
  /** In the syntax of RE2: no look-behind, no look-ahead, nothing repeated more than 1000 times. */
  readonly regex: string
  /** The group that is the credential. */
  readonly secretGroup: number
  /** Shannon's, in bits per character; what has less is no credential. */
  readonly entropy: number
  /** In small letters; a text without any of them is not searched with the expression. */
  readonly keywords: readonly string[]
}

const prefix = `(?:${environments.join('|')})_`
const prefixes = environments.map(name => `${name}_`)

/**
 * What `forage-gateway scan` looks for, as far as one expression can say it. The stock rule for JWTs overlooks
 * Forage's: it wants a word boundary before `ey`, and an underscore is part of a word.
 */
export const gitleaksRules: readonly GitleaksRule[] = [
  {
    id: 'forage-authentication-token',
    description: 'Forage authentication token: long-lived, for the merchant server only',
    regex: `(?i)(?:^|[^a-z0-9])(${prefix}[a-z0-9]{30})(?:[^a-z0-9_-]|$)`,
    secretGroup: 1,
    entropy: 4,
    keywords: prefixes,
  },
  {
    id: 'forage-session-token',
    description: 'Forage session token, JWT or timestamped',
    regex: `(?i)(?:^|[^a-z0-9])(${prefix}eyj[a-z0-9_-]+={0,2}\\.[a-z0-9_-]+={0,2}\\.[a-z0-9_-]{27,})`,
    secretGroup: 1,
    entropy: 4,
    keywords: prefixes,
  },
  {
    id: 'forage-client-secret',
    description: 'OAuth client secret, as Forage issues them, beside its name',
    regex: `(?i)client[_. -]?secret(?:[_-][a-z0-9_]{0,23})?["'\`\\]\\\\)*]{0,4}\\s{0,4}(?::-|:=|=>|[:=]{1,3}|[,>|])\\s{0,8}[\\\\"'\`*(]{0,4}([a-z0-9_+/=-]{20,200})(?:[^a-z0-9_.~+/=-]|$)`,
    secretGroup: 1,
    entropy: 4,
    keywords: ['client'],
  },
  {
    id: 'forage-client-credentials',
    description: 'Basic credentials for the OAuth endpoints of Forage',
    regex: `(?i)(?:/o/(?:token|revoke_token|bulk_revoke)|joinforage)[\\s\\S]{0,400}?basic\\s{1,4}([a-z0-9+/_-]{28,600}={0,2})`,
    secretGroup: 1,
    entropy: 4,
    keywords: ['basic'],
  },
]

/** The rules as a configuration file of gitleaks, beside its own ones. */
export function toGitleaksConfig(): string {
  const rules = gitleaksRules.map(({ id, description, regex, secretGroup, entropy, keywords }) => {
    return `
[[rules]]
id = ${JSON.stringify(id)}
description = ${JSON.stringify(description)}
regex = '''${regex}'''
secretGroup = ${secretGroup}
entropy = ${entropy.toFixed(1)}
keywords = ${JSON.stringify(keywords)}
`
  })
  return `# Rules for credentials of Forage, in addition to those that gitleaks comes with:
#   forage-gateway scan --gitleaks > forage.toml && gitleaks dir --config forage.toml .
# Beside a configuration of your own: [extend] path = "forage.toml".
title = "Forage credentials"

[extend]
useDefault = true
${rules.join('')}`
}
