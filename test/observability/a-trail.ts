import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import type { AuditEvent } from '../../src/observability/audit-event.ts'
import { type AuditTrail, type AuditTrailOptions, createAuditTrail } from '../../src/observability/audit-trail.ts'

/** 2027-01-15T08:00:00Z. */
export const eight = 1_800_000_000

/** A trail of a fixed clock and a chain whose name is `AAAAAAAAAAAAAAAA`; it is closed when the test ends. */
export function openTrail(t: Test, destination: string, overrides: Partial<AuditTrailOptions> = {}): AuditTrail {
  const trail = createAuditTrail({
    destination,
    policyDigest: () => '0123456789abcdef',
    configGeneration: () => 1,
    now: () => eight,
    random: octets => Buffer.alloc(octets),
    ...overrides,
  })
  t.teardown(() => trail.close())
  return trail
}

export const started: AuditEvent = {
  event: 'started',
  time: eight,
  version: '0.1.0',
  environment: 'sandbox',
  verify: 'ledger',
}
export const stopped: AuditEvent = { event: 'stopped', time: eight + 0.5 }

/** Somebody put tokens on record; the count tells such events apart. */
export function registered(count: number): AuditEvent {
  return { event: 'tokens_registered', time: eight, count, useCases: ['checkout'] }
}

export function fileIn(t: Test, name = 'audit.log'): string {
  return join(t.testdir(), name)
}

export function linesOf(path: string): string[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter(line => line !== '')
}

export function readLine(line: string | undefined): Record<string, unknown> {
  return JSON.parse(line ?? '') as Record<string, unknown>
}

/** What verifiers are given: the events of a trail in a file. */
export function writeTrail(t: Test, count: number, overrides: Partial<AuditTrailOptions> = {}): string[] {
  const path = fileIn(t)
  const trail = openTrail(t, path, overrides)
  for (let number = 1; number <= count; number++) trail.record(registered(number))
  return linesOf(path)
}
