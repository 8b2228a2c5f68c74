import { createHash } from 'node:crypto'
import type { Policy } from '../gate/policy.ts'
import { routeText } from '../gate/reported-routes.ts'

/**
 * Names a policy by what it means: two files with the same routes and grants have the same digest. What is reported instead
 * of enforced is part of it, so that no line of a log takes the one for the other.
 */
export function policyDigest({ routes, defaultScopes, useCases, scopeClaim, reportedRoutes }: Policy): string {
  const meaning = {
    routes: routes.map(({ method, template, scope }) => `${scope} ${method} ${template}`).sort(),
    default: [...defaultScopes].sort(),
    useCases: [...useCases].map(([name, scopes]) => [name, [...scopes].sort()]).sort(),
    claim: scopeClaim,
    // Left out where there are none: the digest of a policy that is enforced is the one that it has had before.
    ...(reportedRoutes.size > 0 && { reported: [...reportedRoutes].map(routeText).sort() }),
  }
  return createHash('sha256').update(JSON.stringify(meaning)).digest('hex').slice(0, 16)
}
