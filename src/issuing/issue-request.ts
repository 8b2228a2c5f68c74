import { parseJsonObject } from '../session/json-object.ts'
import type { IssueRefusal } from './issue-refusal.ts'

/** Longest body of a request for a session token, in octets. */
export const maxIssueBodyBytes = 4096

const refusal: IssueRefusal = { reason: 'body_invalid' }
/** What most HTTP clients get wrong: `curl -d` sends a form, and JavaScript writes names in camel case. */
const typeMissing = 'Send the body as JSON, with the field Content-Type: application/json.'
const keyMisspelt = 'The body has a "useCase". Write "use_case".'

/**
 * Reads what is asked for: nothing, or `{"use_case": "…"}`. Strictly: a member that is not known may be meant to change
 * something.
 *
 * @param contentType value of the `Content-Type` field; looked at where there is a body
 */
export function readIssueRequest(
  contentType: string | undefined,
  body: Uint8Array,
): { readonly useCase: string | undefined } | IssueRefusal {
  if (body.length === 0) return { useCase: undefined }
  if (body.length > maxIssueBodyBytes) return refusal
  if (!isJson(contentType)) return { ...refusal, message: typeMissing }
  const object = parseJsonObject(body)
  if (object === undefined || object === 'duplicate') return refusal
  const { use_case: useCase, ...others } = object
  if (Object.hasOwn(others, 'useCase')) return { ...refusal, message: keyMisspelt }
  if (Object.keys(others).length > 0) return refusal
  // Absent, but not null nor anything else that was written.
  if (!Object.hasOwn(object, 'use_case')) return { useCase: undefined }
  return typeof useCase === 'string' ? { useCase } : refusal
}

function isJson(contentType = ''): boolean {
  return /^application\/json\s*(?:;\s*charset="?utf-8"?\s*)?$/i.test(contentType.trim())
}
