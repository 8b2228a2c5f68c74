import { z } from 'zod'
import type { PolicyDocument } from '../gate/policy.ts'
import { words } from './schema-values.ts'

const name = words(/^[a-z][a-z0-9_]{0,63}$/, 'must be a name: lower-case letters, digits and "_"')
const route = z.string({ error: 'must be a method and a path, such as "GET /api/orders/{ref}/", in quotes' })

/** The shape of a policy file. What its routes may be is the policy's own matter. */
export const policySchema: z.ZodType<PolicyDocument> = z.strictObject({
  scopes: z.record(name, z.array(route)).describe('Routes by scope.'),
  grants: z.strictObject({
    default: z.array(name).describe('Scopes of every session that has no use case.'),
    useCases: z.record(name, z.array(name)).optional().describe('Scopes of sessions issued for a use case.'),
    claim: z
      .string({ error: 'must be the name of a claim, or null' })
      .min(1, { error: 'must be the name of a claim, or null' })
      .nullable()
      .optional()
      .describe('Claim of a verified token that narrows the grant. Null: none.'),
  }),
})
