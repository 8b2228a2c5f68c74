import { createHash } from 'node:crypto'
import { resolve } from 'node:path'
import type { AuditConfig, LogConfig, TracingConfig } from './config.ts'
import type { AuditDocument, LogDocument, TracingDocument } from './observability-schema.ts'
import { leavesInPlainText } from './plain-text.ts'
import type { Report } from './read-keys.ts'
import { readSecret, type SecretPlace } from './read-secret.ts'
import type { SecretSource } from './secret-schema.ts'

/** Least octets of a key. */
const minKeyOctets = 32

/** Completes the log. */
export function resolveLog(document: LogDocument, place: SecretPlace, report: Report): LogConfig {
  const { level, destination, format, gcpProject, sampleSuccesses, fingerprintKey } = document
  const key = readKey(fingerprintKey, ['log', 'fingerprintKey'], place, report)
  return {
    level,
    destination: resolveDestination(destination, place),
    format,
    sampleSuccesses,
    ...(gcpProject !== null && { gcpProject }),
    ...(key && { fingerprintKey: key }),
  }
}

/** Completes the audit trail. */
export function resolveAudit(document: AuditDocument | null, place: SecretPlace, report: Report): AuditConfig | null {
  if (document === null) return null
  const key = readKey(document.key, ['audit', 'key'], place, report)
  return { destination: resolveDestination(document.destination, place), ...(key && { key }) }
}

/** Completes tracing; null where nothing is sent anywhere. */
export function resolveTracing(
  { otlpEndpoint, headers, ...rest }: TracingDocument,
  place: SecretPlace,
  report: Report,
): TracingConfig | null {
  const fields = Object.entries(headers).map(([name, source]) => [name, readField(name, source, place, report)])
  if (otlpEndpoint === null) return null
  if (fields.length > 0 && leavesInPlainText(new URL(otlpEndpoint), place.environment))
    report(['tracing', 'otlpEndpoint'], 'must be https:// off this machine where headers are sent: they hold secrets')
  return { ...rest, otlpEndpoint, headers: Object.fromEntries(fields) }
}

function resolveDestination(destination: string, { folder }: SecretPlace): string {
  return destination === 'stdout' || destination === 'stderr' ? destination : resolve(folder, destination)
}

/** A key of 32 octets, from a text of any length that is long enough. */
function readKey(
  source: SecretSource | null,
  path: readonly string[],
  place: SecretPlace,
  report: Report,
): Uint8Array | undefined {
  if (source === null) return undefined
  const secret = readSecret(source, place)
  if ('message' in secret) {
    report([...path, ...secret.path], secret.message)
    return undefined
  }
  if (secret.length < minKeyOctets)
    report([...path], `is too short: use at least ${minKeyOctets} octets, such as "openssl rand -hex 32"`)
  return createHash('sha256').update(secret).digest()
}

function readField(name: string, source: SecretSource, place: SecretPlace, report: Report): string {
  const path = ['tracing', 'headers', name]
  const secret = readSecret(source, place)
  if ('message' in secret) {
    report([...path, ...secret.path], secret.message)
    return ''
  }
  const text = Buffer.from(secret).toString('latin1')
  if (!/^[\x20-\x7e]+$/.test(text)) report(path, 'must be printable ASCII: it travels in a header field')
  return text
}
