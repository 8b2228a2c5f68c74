import type { Policy } from '../gate/policy.ts'
import { routeText, withReported } from '../gate/reported-routes.ts'
import type { PolicyChoice } from './config-schema.ts'
import type { Findings } from './findings.ts'
import { nearestWord } from './nearest-word.ts'

/**
 * The policy as it is enforced. A scope or a route that it does not have is a problem: a misspelt one would leave refused
 * what is meant to be let through, or an operator in the belief that it is.
 */
export function resolveReport(
  policy: Policy,
  { mode, report }: PolicyChoice,
  findings: Pick<Findings, 'report'>,
): Policy {
  const named = [
    { key: 'scopes', what: 'scope', names: report.scopes, known: policy.scopes },
    { key: 'routes', what: 'route', names: report.routes, known: policy.routes.map(routeText) },
  ]
  for (const { key, what, names, known } of named)
    for (const [index, name] of names.entries())
      if (!known.includes(name))
        findings.report(['policy', 'report', key, index], `is no ${what} of the policy; ${adviceFor(name, known)}`)
  return withReported(policy, { mode, ...report })
}

function adviceFor(name: string, known: readonly string[]): string {
  const near = nearestWord(name, known)
  if (near !== undefined) return `did you mean "${near}"?`
  return `write one as it stands there, such as "${known[0] ?? ''}"`
}
