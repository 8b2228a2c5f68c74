import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Test } from 'tap'
import { parse } from 'yaml'
import type { FileSnapshot } from '../../src/config/file-snapshot.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { makeCertificate } from '../fixtures/certificate.ts'

type Plain = Record<string, unknown>

/**
 * Reads a configuration of a document as the gateway would, with a file behind every path that it names. What the document
 * leaves out because it is about something else is added: the environment, and the admin token that `ledger` needs.
 *
 * @throws ConfigError with every problem
 */
export function loadDocumented(t: Test, text: string): void {
  const document = { environment: 'sandbox', ...(parse(text) as Plain) }
  const { admin } = document as Plain
  const whole = { ...document, admin: { token: { file: 'admin.token' }, ...(admin as Plain | undefined) } }
  const files: Record<string, { octets: string }> = {}
  const env: Record<string, string> = {}
  const put = (path: string, octets: string): void => {
    files[resolve('docs', path)] = { octets: Buffer.from(octets).toString('base64') }
  }
  put('policy.yaml', readFileSync('config/policy.yaml', 'utf8'))
  visit(whole, (key, value) => {
    if (key === 'env') env[value] = aSecret()
    else if (/^policy.*\.yaml$/.test(value.split('/').at(-1) ?? ''))
      put(value, readFileSync('config/policy.yaml', 'utf8'))
    else if (key === 'file') put(value, aSecret())
    else if (isPem(key)) put(value, pemFor(t, key))
  })
  put('gateway.yaml', JSON.stringify(whole))
  loadConfig(resolve('docs', 'gateway.yaml'), env, { takenAt: Date.now(), files } satisfies FileSnapshot)
}

/** Calls back with each text, and the key that it stands under. */
function visit(value: unknown, callback: (key: string, text: string) => void, key = ''): void {
  if (typeof value === 'string') callback(key, value)
  else if (typeof value === 'object' && value !== null)
    for (const [inner, part] of Object.entries(value)) visit(part, callback, Array.isArray(value) ? key : inner)
}

function isPem(key: string): boolean {
  return /^(?:ca|redisCa|\w+File)$/.test(key) && key !== 'jwksFile'
}

let certificate: { readonly cert: string; readonly key: string } | undefined

function pemFor(t: Test, key: string): string {
  certificate ??= makeCertificate(t.testdir(), 'documented')
  return /[kK]eyFile$/.test(key) ? certificate.key : certificate.cert
}

function aSecret(): string {
  return randomBytes(36).toString('base64')
}
