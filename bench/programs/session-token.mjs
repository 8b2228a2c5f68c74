// Session tokens as Forage signs them (HS256), for benchmarks on loopback.
import { createHmac, randomBytes } from 'node:crypto'

const lifetimeSec = 840

/** A secret for one run. */
export function makeSecret() {
  return randomBytes(48).toString('base64url')
}

/** @param claims besides `exp`; what makes a token differ from others is to be among them */
export function sessionToken(secret, claims = {}) {
  const encode = part => Buffer.from(JSON.stringify(part)).toString('base64url')
  const body = encode({ a: 1, ...claims, exp: Math.floor(Date.now() / 1000) + lifetimeSec })
  const signed = `${header}.${body}`
  return `sandbox_${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`
}

const header = Buffer.from(JSON.stringify({ typ: 'JWT', alg: 'HS256' })).toString('base64url')
