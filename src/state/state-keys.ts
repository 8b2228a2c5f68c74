import { createHash } from 'node:crypto'

/** Names of what a gateway keeps in Redis. */
export interface StateKeys {
  /** The replicas that live, by when they were last heard. */
  readonly replicas: string
  /** Revocations by the version in which they came. */
  readonly revocations: string
  /** Revocations by their end. */
  readonly ends: string
  /** Since when nothing is missing that was on record. */
  readonly completeSince: string
  /** Channel on which revocations are told. */
  readonly channel: string
  /** How often a replica has written. */
  writes(replica: string): string
  ledger(digest: string): string
  budget(egress: string): string
  limit(key: string, windowSec: number): string
  secret(name: string): string
}

/**
 * The braces make all keys of a gateway one slot of a Redis Cluster, so that a script may touch several; environment and
 * namespace keep gateways apart that share a server.
 *
 * @throws TypeError for a namespace that could be read as the name of another
 */
export function createStateKeys(environment: string, namespace: string): StateKeys {
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(namespace))
    throw new TypeError('the namespace of the shared state must be 1 to 64 letters, digits, - or _')
  const prefix = `forage-gateway:{${environment}.${namespace}}`
  return {
    replicas: `${prefix}:replicas`,
    revocations: `${prefix}:revocations`,
    ends: `${prefix}:revocation-ends`,
    completeSince: `${prefix}:complete-since`,
    channel: `${prefix}:revoked`,
    writes: replica => `${prefix}:writes:${replica}`,
    ledger: digest => `${prefix}:ledger:${digest}`,
    budget: egress => `${prefix}:budget:${shortDigest(egress)}`,
    limit: (key, windowSec) => `${prefix}:limit:${windowSec}:${shortDigest(key)}`,
    secret: name => `${prefix}:secret:${shortDigest(name)}`,
  }
}

/** Of fixed length, and of nothing that a reader of Redis could use: addresses and names come from outside. */
function shortDigest(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 22)
}
