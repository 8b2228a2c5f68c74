import type { Answer } from './answer.ts'
import { answerError, apiError } from './api-error.ts'

/** 429 as the API answers it. */
export function answerThrottled(path: string, retryAfterSec: number): Answer {
  const answer = answerError(path, apiError('too_many_requests'))
  return { ...answer, fields: { ...answer.fields, 'Retry-After': String(retryAfterSec) } }
}
