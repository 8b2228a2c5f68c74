import type { JsonObject } from './records.ts'

/**
 * Reads a request body as the API's parsers do: a form when the content type says so, JSON otherwise.
 *
 * @param bytes empty bytes are an empty object
 * @returns null when the body is neither
 */
export function parseBody(bytes: Buffer, contentType: string): JsonObject | null {
  if (bytes.length === 0) return {}
  if (/^application\/x-www-form-urlencoded\b/i.test(contentType)) {
    return Object.fromEntries(new URLSearchParams(bytes.toString()))
  }
  return parseJsonObject(bytes)
}

/** @returns null when the bytes are no JSON object in UTF-8 */
export function parseJsonObject(bytes: Buffer): JsonObject | null {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : null
  } catch {
    return null
  }
}
