import { z } from 'zod'
import { type Environment, environments } from '../forage/environments.ts'
import type { ReportRules } from '../gate/reported-routes.ts'
import { type IssuingDocument, issuingSchema } from './issuing-schema.ts'
import { type LimitsDocument, limitsSchema } from './limits-schema.ts'
import {
  type AdminDocument,
  adminSchema,
  type ForwardAuthDocument,
  forwardAuthSchema,
  type ListenDocument,
  listenSchema,
} from './listener-schema.ts'
import {
  type AuditDocument,
  auditSchema,
  type LogDocument,
  logSchema,
  type TracingDocument,
  tracingSchema,
} from './observability-schema.ts'
import { filePath, wholeNumber, words } from './schema-values.ts'
import { type SessionDocument, sessionSchema } from './session-schema.ts'
import { type StateDocument, stateSchema } from './state-schema.ts'
import { type UpstreamDocument, upstreamSchema } from './upstream-schema.ts'

/** The keys of a configuration that something is built for, defaults filled in. Secrets and files are not read yet. */
export interface ConfigDocument {
  readonly environment: Environment
  readonly listen: ListenDocument
  readonly upstream: UpstreamDocument
  readonly session: SessionDocument
  readonly workers: number | 'auto'
  readonly admin: AdminDocument | null
  readonly policy: PolicyChoice
  readonly merchantAccounts: readonly (string | readonly string[])[]
  readonly issuing: IssuingDocument | null
  readonly limits: LimitsDocument
  readonly state: StateDocument
  readonly cors: { readonly origins: readonly string[] }
  readonly log: LogDocument
  readonly audit: AuditDocument | null
  readonly tracing: TracingDocument
  readonly forwardAuth: ForwardAuthDocument | null
  readonly lameDuckMs: number
  readonly drainTimeoutMs: number
}

/** Which policy there is, and what of it is reported instead of enforced. */
export interface PolicyChoice {
  readonly file: string
  readonly mode: ReportRules['mode']
  readonly report: Pick<ReportRules, 'scopes' | 'routes'>
}

const report = z
  .strictObject({
    scopes: z
      .array(z.string({ error: 'must be the name of a scope of the policy' }))
      .default([])
      .describe('Scopes of the policy that are reported, not enforced.'),
    routes: z
      .array(z.string({ error: 'must be a route of the policy, such as "GET /api/orders/{ref}/", in quotes' }))
      .default([])
      .describe('Routes of the policy, as they stand there, that are reported, not enforced.'),
  })
  .prefault({})
  .describe('What is as with mode: report while the rest is enforced.')

const policy = z
  .strictObject({
    file: filePath('File with the scopes and their routes.').default('policy.yaml'),
    mode: z
      .enum(['enforce', 'report'])
      .default('enforce')
      .describe('report: denials of scope are logged and let through; everything else is enforced.'),
    report,
  })
  .prefault({})
  .describe('What session tokens may do.')

const originError = 'must be an exact origin as browsers send it: https://shop.example, in lower case, nothing after it'

const cors = z
  .strictObject({
    origins: z
      .array(z.string({ error: originError }).refine(isBrowserOrigin, { error: originError }))
      .default([])
      .describe('Origins of web pages that may call the gateway. Preflights are answered here.'),
  })
  .prefault({})
  .describe('Calls from web pages of other origins.')

/** Mobile web views have origins of their own schemes, such as `capacitor://localhost`. */
function isBrowserOrigin(text: string): boolean {
  if (!/^[a-z][a-z0-9+.-]*:\/\/(?:[a-z0-9._-]+|\[[0-9a-f:]+\])(?::\d{1,5})?$/.test(text)) return false
  return !/^https?:/.test(text) || (URL.canParse(text) && new URL(text).origin === text)
}

const merchantAccountError =
  'must be a Merchant-Account value in quotes: letters, digits, "_" and "-", perhaps after mid/; or a list of such'
const merchantAccount = words(/^(?:mid\/)?[A-Za-z0-9_-]{1,64}$/, merchantAccountError)

/** Every key of a configuration file, with its default, range, unit and meaning. */
export const configSchema: z.ZodType<ConfigDocument> = z
  .strictObject({
    environment: z.enum(environments).describe('Picks the hosts of Forage, and the token prefix that is accepted.'),
    listen: listenSchema,
    admin: adminSchema,
    workers: z
      .union([wholeNumber(1, 1024, 'processes'), z.literal('auto')], {
        error: 'must be a whole number of processes from 1 to 1024, or auto',
      })
      .default(1)
      .describe(
        'Processes that share the port; auto: one per core. Without state.redisUrl each counts limits by itself.',
      ),
    upstream: upstreamSchema,
    session: sessionSchema,
    policy,
    merchantAccounts: z
      .array(z.union([merchantAccount, z.array(merchantAccount).min(1)], { error: merchantAccountError }))
      .default([])
      .describe('Merchant-Account values that may pass; the spellings of one merchant as a list. Empty: any.'),
    issuing: issuingSchema,
    limits: limitsSchema,
    cors,
    state: stateSchema,
    log: logSchema,
    audit: auditSchema,
    tracing: tracingSchema,
    forwardAuth: forwardAuthSchema,
    lameDuckMs: wholeNumber(0, 60_000, 'milliseconds')
      .default(0)
      .describe('How long connections are still accepted after a stop signal, /readyz being 503, in milliseconds.'),
    drainTimeoutMs: wholeNumber(0, 600_000, 'milliseconds')
      .default(30_000)
      .describe('How long requests in flight may take to finish after lameDuckMs, in milliseconds.'),
  })
  .meta({ title: 'forage-gateway configuration' })
