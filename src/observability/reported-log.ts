import type { Logger } from 'pino'
import type { Policy } from '../gate/policy.ts'
import { reportedBy } from '../gate/reported-routes.ts'

/** Says at a start and at a reload that some of the policy is not enforced. Says nothing where all of it is. */
export function warnOfReported(logger: Logger, policy: Policy): void {
  if (policy.reportedRoutes.size === 0) return
  const { mode, scopes, routes } = reportedBy(policy)
  logger.warn(
    { event: 'policy_reported', mode, scopes, routes },
    'denials of scope are reported and let through; everything else is enforced',
  )
}
