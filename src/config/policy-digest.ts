import { createHash } from 'node:crypto'
import type { Policy } from '../gate/policy.ts'

/** Names a policy by what it means: two files with the same routes and grants have the same digest. */
export function policyDigest({ routes, defaultScopes, useCases, scopeClaim }: Policy): string {
  const meaning = {
    routes: routes.map(({ method, template, scope }) => `${scope} ${method} ${template}`).sort(),
    default: [...defaultScopes].sort(),
    useCases: [...useCases].map(([name, scopes]) => [name, [...scopes].sort()]).sort(),
    claim: scopeClaim,
  }
  return createHash('sha256').update(JSON.stringify(meaning)).digest('hex').slice(0, 16)
}
