import { createPublicKey, type JsonWebKey } from 'node:crypto'
import { resolve } from 'node:path'
import { isDevelopment } from '../forage/environments.ts'
import { type JwkMetadata, type JwtAlgorithm, mayVerify, minSecretOctets } from '../session/algorithms.ts'
import type { Report } from './read-keys.ts'
import type { SecretPlace } from './read-secret.ts'
import { readTextFile } from './text-file.ts'
import { weaknessOf } from './weak-secrets.ts'
import type { KeyPath } from './yaml-file.ts'

/** Where a file with keys stands in the configuration, and what its keys are for. */
export interface KeyFile {
  readonly path: KeyPath
  readonly file: string
  readonly algorithms: readonly JwtAlgorithm[]
  readonly place: SecretPlace
}

/** Bits of an RSA key, at least (RFC 7518 §3.3). */
const minModulusBits = 2048

/** @returns the key as SubjectPublicKeyInfo in PEM, or null after a report */
export function readPublicKey({ path, file, algorithms, place }: KeyFile, report: Report): string | null {
  const read = readTextFile(resolve(place.folder, file), place.read)
  if ('fault' in read) {
    report(path, `cannot be read: ${read.fault}; write the path of a public key in PEM`)
    return null
  }
  try {
    // A private key would be taken for its public half, and lie around where it should not; a certificate has times,
    // which nobody would check; and of two keys only the first would be seen.
    if (!/^\s*-----BEGIN (?:RSA )?PUBLIC KEY-----[^-]+-----END (?:RSA )?PUBLIC KEY-----\s*$/.test(read.text))
      throw new TypeError('not one public key')
    const key = createPublicKey(read.text)
    const jwk: JwkMetadata = key.export({ format: 'jwk' })
    if (isShort(jwk)) report(path, `holds an RSA key of less than ${minModulusBits} bits: make a longer one`)
    else if (algorithms.some(algorithm => mayVerify(jwk, algorithm)))
      return key.export({ type: 'spki', format: 'pem' }).toString()
    else
      report(
        path,
        `holds a key that fits none of ${algorithms.join(', ')}: write its algorithm in session.jwt.algorithms`,
      )
  } catch {
    report(path, 'must hold one public key in PEM ("-----BEGIN PUBLIC KEY-----")')
  }
  return null
}

/** @returns the JWK Set, or null after a report */
export function readKeySet({ path, file, algorithms, place }: KeyFile, report: Report): unknown {
  const read = readTextFile(resolve(place.folder, file), place.read)
  if ('fault' in read) {
    report(path, `cannot be read: ${read.fault}; write the path of a JWK Set`)
    return null
  }
  const set = parseJson(read.text)
  const keys = jwksIn(set)
  if (keys.some(key => key.kty !== 'oct' && key.d !== undefined)) {
    report(path, 'holds a private key: keep only the public half in it')
    return null
  }
  const fitting = keys.filter(key => algorithms.some(algorithm => mayVerify(key, algorithm)))
  const weakness = fitting.map(key => weaknessOfKey(key, algorithms, place)).find(fault => fault !== undefined)
  if (fitting.length === 0) report(path, `must hold a JWK Set with a key for one of ${algorithms.join(', ')}`)
  else if (weakness !== undefined) report(path, weakness)
  else return set
  return null
}

/** The shared secrets in a JWK Set. */
export function secretsIn(set: unknown): readonly Uint8Array[] {
  return jwksIn(set).flatMap(key => (key.kty === 'oct' ? [secretOf(key)] : []))
}

/** What is wrong with a key that is for one of the algorithms; undefined: nothing. */
function weaknessOfKey(key: JsonWebKey, algorithms: readonly JwtAlgorithm[], place: SecretPlace): string | undefined {
  if (key.kty === 'oct') {
    const minOctets = Math.max(
      ...algorithms.filter(algorithm => mayVerify(key, algorithm)).map(algorithm => minSecretOctets(algorithm)),
    )
    const isStrict = place.environment !== undefined && !isDevelopment(place.environment)
    const weakness = isStrict ? weaknessOf(secretOf(key), minOctets) : undefined
    return weakness && `holds a secret that ${weakness}`
  }
  try {
    createPublicKey({ key, format: 'jwk' })
    return isShort(key) ? `holds an RSA key of less than ${minModulusBits} bits: make a longer one` : undefined
  } catch {
    return 'holds a key that is not well formed'
  }
}

function isShort(jwk: JwkMetadata & { readonly n?: unknown }): boolean {
  return jwk.kty === 'RSA' && typeof jwk.n === 'string' && Buffer.from(jwk.n, 'base64url').length * 8 < minModulusBits
}

function secretOf({ k }: JsonWebKey): Uint8Array {
  return Buffer.from(typeof k === 'string' ? k : '', 'base64url')
}

function jwksIn(set: unknown): readonly JsonWebKey[] {
  if (!isObject(set)) return []
  return (Array.isArray(set.keys) ? set.keys : [set]).filter(isObject)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
