import { X509Certificate } from 'node:crypto'
import type { Config } from '../config/config.ts'
import { policyDigest } from '../config/policy-digest.ts'
import type { Generation } from './reload.ts'

/** What is in force in a process, as far as others are told of it. */
export interface InForce {
  generation: number
  policyDigest: string
  /** When each certificate in use ends, in seconds since the epoch. */
  certificates: Readonly<Record<string, number>>
}

export function inForceOf({ config, generation }: Generation): InForce {
  return { generation, policyDigest: policyDigest(config.policy), certificates: certificatesOf(config) }
}

/** The first of a chain is its own: the others are their issuers' business. */
function certificatesOf({ listen, upstream }: Config): Readonly<Record<string, number>> {
  const named = { listener: listen.tls?.cert, upstream_client: upstream.tls?.clientCert }
  const ends = Object.entries(named).flatMap(([name, pem]) => (pem ? [[name, endOf(pem)] as const] : []))
  return Object.fromEntries(ends)
}

function endOf(pem: string): number {
  return Date.parse(new X509Certificate(pem).validTo) / 1000
}
