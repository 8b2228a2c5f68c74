import { createHash, timingSafeEqual } from 'node:crypto'
import type { IssuingSecrets } from '../config/config.ts'
import { environments } from '../forage/environments.ts'
import { digestOfSent, fingerprintOf } from './held-token.ts'

/** One of the gateway's own secrets in a request of a client. */
export interface Leak {
  readonly kind: 'authentication_token' | 'client_id' | 'client_secret'
  /**
   * Of an authentication token: what stands for it in the log of its life. Of a client id or secret: of the id, which is
   * no secret, so that nothing of the secret is in a log.
   */
  readonly fingerprint: string
  /** Of an authentication token. */
  readonly useCase?: string
  /** Of an authentication token: what it is retired by. Not for logs. */
  readonly digest?: string
}

export interface LeakCheckOptions {
  /** The secrets as they are now. */
  readonly secrets: () => Pick<IssuingSecrets, 'clientId' | 'clientSecret'>
  /** Which use case a text is or was an authentication token of: the issuer's. */
  readonly useCaseOf: (text: string) => string | undefined
}

export interface LeakCheck {
  /** @param texts values of fields, pairs of the query and such, as they were sent. @returns each secret once */
  find(texts: readonly string[]): readonly Leak[]
}

const tokenWords = new RegExp(`(?<![A-Za-z0-9])(?:${environments.join('|')})_[A-Za-z0-9]+`, 'gi')

/** Shorter ones are words of everyday texts: they count in Basic credentials only. */
const minSecretLength = 8

/** Finds the gateway's own secrets in texts of a request. Compares digests: times tell nothing. */
export function createLeakCheck({ secrets, useCaseOf }: LeakCheckOptions): LeakCheck {
  function tokensIn(text: string): readonly Leak[] {
    return (text.match(tokenWords) ?? []).flatMap(word => {
      const useCase = useCaseOf(word)
      const digest = digestOfSent(word)
      return useCase === undefined
        ? []
        : [{ kind: 'authentication_token' as const, fingerprint: fingerprintOf(digest), useCase, digest }]
    })
  }

  function clientIn(text: string): readonly Leak[] {
    const { clientId, clientSecret } = secrets()
    const fingerprint = fingerprintOf(digestOf(clientId).toString('base64url'))
    const holds = (secret: string) =>
      wordsOf(text, secret.length).some(isSame(secret)) || basicWords(text).some(isSame(secret))
    const found: Leak[] = []
    if (holds(clientId)) found.push({ kind: 'client_id', fingerprint })
    if (holds(clientSecret)) found.push({ kind: 'client_secret', fingerprint })
    return found
  }

  return {
    find(texts) {
      const leaks = texts.flatMap(readings).flatMap(text => [...tokensIn(text), ...clientIn(text)])
      return [...new Map(leaks.map(leak => [`${leak.kind} ${leak.fingerprint}`, leak])).values()]
    },
  }
}

/** A text as it is, and percent-decoded until nothing changes, four times at most. */
function readings(text: string): readonly string[] {
  const all = [text]
  for (let last = text; all.length < 5 && last.includes('%'); all.push(last)) {
    const next = last.replace(/%([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    if (next === last) break
    last = next
  }
  return all
}

/** Words of a length, and the whole text and what stands behind a name, for secrets with signs that part words. */
function wordsOf(text: string, length: number): readonly string[] {
  if (length < minSecretLength) return []
  const parts = [
    ...text.split(/[^A-Za-z0-9._~+/-]+/),
    text,
    text.slice(text.indexOf('=') + 1),
    text.replace(/^\w+ +/, ''),
  ]
  return parts.filter(part => part.length === length)
}

/** Client id and secret of Basic credentials, form-encoded (RFC 6749 §2.3.1) or not. */
function basicWords(text: string): readonly string[] {
  return [...text.matchAll(/\bbasic +([A-Za-z0-9+/=_-]+)/gi)].flatMap(([, encoded = '']) => {
    const pair = Buffer.from(encoded, 'base64').toString()
    const colon = pair.indexOf(':')
    const parts = colon < 0 ? [pair] : [pair.slice(0, colon), pair.slice(colon + 1)]
    return parts.flatMap(part => [part, new URLSearchParams(`=${part.replaceAll('&', '%26')}`).get('') ?? ''])
  })
}

function isSame(secret: string): (word: string) => boolean {
  const digest = digestOf(secret)
  return word => timingSafeEqual(digest, digestOf(word))
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
