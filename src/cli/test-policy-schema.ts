import { z } from 'zod'
import { nearestWord } from '../config/nearest-word.ts'
import { denials } from '../gate/reasons.ts'

/** What kinds of token a case may send. `valid` is the default; `none` sends none. */
export const tokenStates = [
  'valid',
  'none',
  'expired',
  'not_yet_valid',
  'too_long',
  'revoked',
  'forged',
  'other_environment',
  'malformed',
  'not_canonical',
  'authentication',
] as const
export type TokenState = (typeof tokenStates)[number]

/** What may become of a request: it is let through, answered here, or refused for a reason. */
const verdicts: readonly string[] = ['allow', 'preflight', 'issue', ...Object.keys(denials)]

/** The session that a case sends. */
export interface SessionDocument {
  readonly token: TokenState
  /** Scopes that it is narrowed to, by the claim of the policy or, where it has none, by its record. Absent: all. */
  readonly scopes?: readonly string[] | undefined
  /** What is on record about it. */
  readonly useCase?: string | undefined
  readonly merchantAccount?: string | undefined
}

/** A case as it is written, short forms written out. */
export interface CaseDocument {
  readonly name?: string | undefined
  /** Each a method, a space and a target. */
  readonly request: readonly string[]
  readonly session: SessionDocument
  /** Values by the name of a field. */
  readonly fields: Readonly<Record<string, readonly string[]>>
  /** Value of `Merchant-Account`. */
  readonly merchantAccount?: string | undefined
  readonly expect: string
  readonly scope?: string | undefined
  readonly route?: string | undefined
}

const text = z.string({ error: 'must be text in quotes' })
const request = z.string({ error: requestError }).regex(/^\S+ \S+$/, { error: requestError })
const stateError = adviser('is no kind of token', tokenStates)
const verdictError = adviser('is no verdict: allow, preflight, issue or a reason', verdicts)

const session = z.strictObject({
  token: z.enum(tokenStates, { error: stateError }).default('valid'),
  scopes: z.array(text).optional(),
  useCase: text.optional(),
  merchantAccount: text.optional(),
})

const oneCase = z.strictObject({
  name: text.optional(),
  request: z.array(request, { error: missingRequestError }).min(1, { error: requestError }),
  session: session.default({ token: 'valid' }),
  fields: z.record(z.string(), z.array(text)).default({}),
  merchantAccount: text.optional(),
  expect: z.string({ error: verdictError }).refine(word => verdicts.includes(word), { error: verdictError }),
  scope: text.optional(),
  route: text.optional(),
})

/** The shape of a file of cases. */
export const casesSchema: z.ZodType<{ readonly cases: readonly CaseDocument[] }> = z.strictObject({
  cases: z.array(oneCase).min(1, { error: 'must hold at least one case' }),
})

function requestError(): string {
  return 'must be a method, one space and a target, such as "GET /api/orders/abc/", or a list of them'
}

function missingRequestError({ input }: { readonly input?: unknown }): string {
  return input === undefined ? 'is needed: write METHOD /path/, such as GET /api/orders/abc/' : requestError()
}

/** A sentence about a word that is not known, and the one that was probably meant. */
function adviser(sentence: string, known: readonly string[]): (issue: { readonly input?: unknown }) => string {
  return ({ input }) => {
    const near = typeof input === 'string' ? nearestWord(input, known) : undefined
    if (near !== undefined) return `${sentence}; did you mean "${near}"?`
    return known.length > 20 ? sentence : `${sentence}; write one of ${known.join(', ')}`
  }
}

type Plain = Readonly<Record<string, unknown>>

/** Writes out the short forms: one request for a list, a kind of token for a session, one value of a field. */
export function writeOut(value: unknown): unknown {
  if (!isPlain(value) || !Array.isArray(value.cases)) return value
  return { ...value, cases: value.cases.map(each => (isPlain(each) ? writeOutCase(each) : each)) }
}

function writeOutCase(given: Plain): Plain {
  const { request: requests, session: token, fields } = given
  return {
    ...given,
    ...(typeof requests === 'string' && { request: [requests] }),
    ...(typeof token === 'string' && { session: { token } }),
    ...(isPlain(fields) && { fields: Object.fromEntries(Object.entries(fields).map(writeOutField)) }),
  }
}

function writeOutField([name, value]: [string, unknown]): [string, unknown] {
  return [name, typeof value === 'string' ? [value] : value]
}

function isPlain(value: unknown): value is Plain {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
