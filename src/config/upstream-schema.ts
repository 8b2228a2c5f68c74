import { z } from 'zod'
import type { BudgetConfig } from './config.ts'
import { filePath, ipAddress, wholeNumber } from './schema-values.ts'

export interface UpstreamDocument {
  readonly api: string | null
  readonly vault: string | null
  readonly ca: string | null
  readonly clientCertFile: string | null
  readonly clientKeyFile: string | null
  readonly connections: number
  readonly localAddresses: readonly string[]
  readonly budget: BudgetConfig | null
  readonly connectTimeoutMs: number
  readonly headersTimeoutMs: number
  readonly bodyTimeoutMs: number
}

const originError =
  'must be an origin: https:// and a host, perhaps a port; no path, query or user name (https://api.example.com)'

/** `https://api.example.com`; one final slash is let through. */
function origin(): z.ZodString {
  return z.string({ error: originError }).refine(isHttpOrigin, { error: originError })
}

function isHttpOrigin(text: string): boolean {
  return /^https?:\/\/[^\s/?#@\\]+\/?$/.test(text) && URL.canParse(text)
}

function timeoutMs(byDefault: number): z.ZodDefault<z.ZodInt> {
  return wholeNumber(1, 600_000, 'milliseconds').default(byDefault)
}

const budget = z
  .strictObject({
    requests: wholeNumber(1, 1_000_000, 'requests').default(900).describe('Requests that Forage takes per window.'),
    windowSec: wholeNumber(1, 86_400, 'seconds').default(300).describe('Length of the window, in seconds.'),
    maxWaitMs: wholeNumber(0, 60_000, 'milliseconds')
      .default(1500)
      .describe('How long a request may wait for its turn, in milliseconds.'),
  })
  .nullable()
  .prefault({})
  .describe("Forage's limit per egress address, shared fairly between shoppers. Null: none.")

export const upstreamSchema: z.ZodType<UpstreamDocument> = z
  .strictObject({
    api: origin().nullable().default(null).describe('Origin of the Payments API. Null: by environment.'),
    vault: origin().nullable().default(null).describe('Origin of the vault, for routes under /proxy/. Null: none.'),
    ca: filePath('PEM file with the authority of a private upstream. Null: the public ones.').nullable().default(null),
    clientCertFile: filePath('PEM file with the certificate that the gateway shows the upstream. Null: none.')
      .nullable()
      .default(null),
    clientKeyFile: filePath('PEM file with the key of clientCertFile. Null: none.').nullable().default(null),
    connections: wholeNumber(1, 10_000, 'connections')
      .default(64)
      .describe('Most connections to the upstream, per process.'),
    localAddresses: z.array(ipAddress()).default([]).describe('Egress addresses; each has a budget of its own.'),
    connectTimeoutMs: timeoutMs(3000).describe('Time to connect, TLS included, in milliseconds.'),
    headersTimeoutMs: timeoutMs(30_000).describe('Time until the answer begins, in milliseconds.'),
    bodyTimeoutMs: timeoutMs(30_000).describe('Longest pause within the body of an answer, in milliseconds.'),
    budget,
  })
  .prefault({})
  .describe('The Forage Payments API.')
