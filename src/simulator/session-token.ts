import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { Environment } from '../forage/environments.ts'

/** The two formats that Forage has used: a JWT until about 2023, an itsdangerous `TimestampSigner` value since 2024. */
export type SessionTokenFormat = 'jwt' | 'timestamped'

/** Seconds that a session token lives. */
export const sessionTokenLifetimeSec = 900

/** What a session token says once its signature has been checked. */
export interface SignedSession {
  /** Number of the authentication token it was issued from (claim `a`); NaN when the claim is not an integer. */
  readonly parentId: number
  readonly state: 'live' | 'expired' | 'not_yet_valid'
}

type Claims = Readonly<Record<string, unknown>>

/** Signs claims as a JWT with HS256 and puts the environment before it. */
export function mintJwt(environment: Environment, claims: Claims, secret: string): string {
  const header = Buffer.from('{"typ":"JWT","alg":"HS256"}').toString('base64url')
  const input = `${header}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`
  return `${environment}_${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
}

/**
 * Signs claims as itsdangerous' `TimestampSigner` does (SHA-256, `django-concat`): the payload keeps Python's JSON
 * spacing and its base64 padding, and the environment prefix is not part of the signed bytes.
 *
 * @param issuedAt seconds since the epoch; the fraction is dropped
 */
export function mintTimestamped(environment: Environment, claims: Claims, issuedAt: number, secret: string): string {
  const payload = Buffer.from(pythonJson(claims)).toString('base64').replaceAll('+', '-').replaceAll('/', '_')
  const value = `${payload}.${timestampText(issuedAt)}`
  return `${environment}_${value}.${timestampSignature(value, secret).toString('base64url')}`
}

/**
 * Verifies a session token of either format.
 *
 * Deliberately as forgiving as Python's base64 decoder: spare bits and stray characters in the signature are ignored,
 * so one token has several spellings here, as at the real API. Only a gateway in front can be stricter.
 *
 * @param token without its environment prefix
 * @param now seconds since the epoch
 * @returns null when it is no session token or the signature is wrong
 */
export function verifySessionToken(token: string, secret: string, now: number): SignedSession | null {
  const parts = token.split('.')
  const [first, second, signature] = parts
  if (parts.length !== 3 || first === undefined || second === undefined || signature === undefined) return null
  const value = `${first}.${second}`
  const head = readJson(first)
  if (head === null) return null
  if ('alg' in head) return verifyJwt(head, value, signature, secret, now)
  if (!sameBytes(timestampSignature(value, secret), Buffer.from(signature, 'base64url'))) return null
  const age = Math.floor(now) - Buffer.from(second, 'base64url').reduce((sum, byte) => sum * 256 + byte, 0)
  // itsdangerous refuses a time stamp in the future with the same exception as one that is too old.
  const live = age >= 0 && age <= sessionTokenLifetimeSec
  return { parentId: integer(head.a), state: live ? 'live' : 'expired' }
}

function verifyJwt(head: Claims, input: string, signature: string, secret: string, now: number): SignedSession | null {
  const expected = createHmac('sha256', secret).update(input).digest()
  if (head.alg !== 'HS256' || !sameBytes(expected, Buffer.from(signature, 'base64url'))) return null
  const claims = readJson(input.slice(input.indexOf('.') + 1))
  if (claims === null) return null
  const parentId = integer(claims.a)
  if (typeof claims.nbf === 'number' && claims.nbf > now) return { parentId, state: 'not_yet_valid' }
  // PyJWT: a token is expired in the very second of its `exp`; without `exp` it could never be.
  return { parentId, state: typeof claims.exp === 'number' && claims.exp > now ? 'live' : 'expired' }
}

function timestampText(seconds: number): string {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt(Math.floor(seconds)))
  const start = bytes.findIndex(byte => byte !== 0)
  return start === -1 ? '' : bytes.subarray(start).toString('base64url')
}

function timestampSignature(value: string, secret: string): Buffer {
  const key = createHash('sha256').update(`itsdangerous.Signersigner${secret}`).digest()
  return createHmac('sha256', key).update(value).digest()
}

function readJson(part: string): Claims | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString())
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Claims) : null
  } catch {
    return null
  }
}

function sameBytes(left: Buffer, right: Buffer): boolean {
  return left.length === right.length && timingSafeEqual(left, right)
}

function integer(value: unknown): number {
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : Number.NaN
}

/** JSON as Python's `json.dumps` writes it: a space after `,` and `:`, and ASCII only. */
function pythonJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(pythonJson).join(', ')}]`
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).filter(([, member]) => member !== undefined)
    return `{${members.map(([name, member]) => `${pythonJson(name)}: ${pythonJson(member)}`).join(', ')}}`
  }
  const text = JSON.stringify(value)
  return text.replace(/[^\0-\x7f]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
