import type { IncomingMessage } from 'node:http'
import { hopByHopFields } from '../gate/removed-fields.ts'

/**
 * Fields that must not come in trailers (RFC 9110 §6.5.1): who merged them into the head would get another framing,
 * cache entry, cookie or place to go than the head said. No client has to be as careful as that.
 */
const headOnly: ReadonlySet<string> = new Set([
  ...hopByHopFields,
  'host',
  'authorization',
  'authentication-info',
  'www-authenticate',
  'set-cookie',
  'set-cookie2',
  'cookie',
  'cache-control',
  'expires',
  'age',
  'date',
  'pragma',
  'vary',
  'location',
  'retry-after',
  'warning',
  'refresh',
  'origin',
  'x-request-id',
  'strict-transport-security',
  'x-frame-options',
])

const headOnlyFamilies = /^(?:content-(?!digest$)|access-control-|cross-origin-|sec-|if-|proxy-|x-forwarded-)/
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
const value = /^[\t\x20-\x7e\x80-\xff]*$/

/** Whether the client said that it takes trailers (RFC 9110 §10.1.4). One that did not may choke on them. */
export function wantsTrailers({ headers, httpVersion }: IncomingMessage): boolean {
  const { te } = headers
  if (te === undefined || httpVersion !== '1.1') return false
  return String(te)
    .toLowerCase()
    .split(',')
    .some(option => option.trim() === 'trailers')
}

/** The trailer fields that may travel on: name and value, in order and spelling. */
export function responseTrailers(raw: readonly (Buffer | string)[]): [name: string, value: string][] {
  const fields: [string, string][] = []
  for (let index = 0; index < raw.length; index += 2) {
    const name = text(raw[index])
    const lowerName = name.toLowerCase()
    const content = text(raw[index + 1])
    if (headOnly.has(lowerName) || headOnlyFamilies.test(lowerName)) continue
    if (token.test(name) && value.test(content)) fields.push([name, content])
  }
  return fields
}

function text(part: Buffer | string | undefined): string {
  return typeof part === 'string' ? part : (part?.toString('latin1') ?? '')
}
