import { isDevelopment } from '../forage/environments.ts'
import { isAuthenticationToken } from '../forage/token-shapes.ts'
import { createMerchantPin } from '../gate/merchant-account.ts'
import type { IssuingConfig, IssuingSecrets } from './config.ts'
import type { ConfigDocument } from './config-schema.ts'
import type { IssuingDocument } from './issuing-schema.ts'
import type { Report } from './read-keys.ts'
import { readSecret, type SecretPlace } from './read-secret.ts'
import type { SecretSource } from './secret-schema.ts'
import { weaknessOf } from './weak-secrets.ts'
import type { KeyPath } from './yaml-file.ts'

export interface IssuingSurroundings {
  readonly place: SecretPlace
  readonly report: Report
}

/** How much of a token's life must be left before it is replaced, in seconds: the one before it is gone by then. */
const leastUseSec = 3600

/** Least octets of a key of the backend: whoever has it has every session. */
const minKeyOctets = 32

/** Completes the issuing of session tokens: checks what hangs together, and reads the secrets. */
export function resolveIssuing(document: ConfigDocument, surroundings: IssuingSurroundings): IssuingConfig | null {
  const { issuing } = document
  if (issuing === null) return null
  const { place, report } = surroundings
  const { lifetimeSec, renewBeforeSec } = issuing.authenticationTokens
  if (renewBeforeSec > lifetimeSec - leastUseSec) {
    const message = `must be ${leastUseSec} seconds or more below lifetimeSec, which is ${lifetimeSec}`
    report(['issuing', 'authenticationTokens', 'renewBeforeSec'], message)
  }
  // Their sessions would be refused one by one.
  if (!createMerchantPin(document.merchantAccounts.map(listed)).isAllowed(issuing.merchantAccount))
    report(
      ['issuing', 'merchantAccount'],
      'is none of merchantAccounts, so that no session could be used: add it there',
    )
  return {
    merchantAccount: issuing.merchantAccount,
    authenticationTokens: issuing.authenticationTokens,
    useCases: Object.keys(issuing.useCases),
    signIn: issuing.callers.jwt,
    onLeakedAuthenticationToken: issuing.onLeakedAuthenticationToken,
    perCaller: issuing.perCaller,
    secrets: readSecrets(issuing, place, report),
  }
}

function listed(account: string | readonly string[]): readonly string[] {
  return typeof account === 'string' ? [account] : account
}

function readSecrets({ clientId, clientSecret, callers }: IssuingDocument, place: SecretPlace, report: Report) {
  const read = (source: SecretSource, path: KeyPath) => readText(source, path, place, report)
  const secrets: IssuingSecrets = {
    clientId: read(clientId, ['issuing', 'clientId']),
    clientSecret: read(clientSecret, ['issuing', 'clientSecret']),
    backendKeys: (callers.backend?.keys ?? []).map((key, index) => read(key, keyPathOf(index))),
  }
  const isStrict = place.environment !== undefined && !isDevelopment(place.environment)
  secrets.backendKeys.forEach((key, index) => {
    const fault = key === '' ? undefined : (faultOfKey(key, secrets) ?? (isStrict ? weaknessOfKey(key) : undefined))
    if (fault !== undefined) report(keyPathOf(index), fault)
  })
  return secrets
}

function keyPathOf(index: number): KeyPath {
  return ['issuing', 'callers', 'backend', 'keys', index]
}

/** @returns `''` after a report */
function readText(source: SecretSource, path: KeyPath, place: SecretPlace, report: Report): string {
  const secret = readSecret(source, place)
  if ('message' in secret) {
    report([...path, ...secret.path], secret.message)
    return ''
  }
  const text = Buffer.from(secret).toString('latin1')
  if (/^[\x20-\x7e]+$/.test(text)) return text
  report(path, 'must be printable ASCII')
  return ''
}

/** A key travels where session tokens do, and must not be taken for anything else there. */
function faultOfKey(key: string, { clientSecret }: IssuingSecrets): string | undefined {
  if (!/^[A-Za-z0-9._~+/=-]+$/.test(key))
    return 'must be of letters, digits and . _ ~ + / = -: it travels as a bearer token'
  if (isAuthenticationToken(key)) return 'has the shape of an authentication token of Forage: make a key of its own'
  return key === clientSecret ? 'is the client secret: make a key of its own' : undefined
}

function weaknessOfKey(key: string): string | undefined {
  if (key.length < minKeyOctets)
    return `is too short: use at least ${minKeyOctets} octets, such as "openssl rand -hex 24"`
  return weaknessOf(Buffer.from(key), minKeyOctets)
}
