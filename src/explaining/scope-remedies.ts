import type { Policy } from '../gate/policy.ts'
import type { Session } from '../session/session.ts'

/**
 * What gives a session the scope that it lacks. Its grant, the claim of its token and what was registered with it all have
 * to name the scope: each that does not is told.
 */
export function scopeRemedies(scope: string, session: Session, policy: Policy): readonly string[] {
  const { narrowedTo, provenance } = session
  const remedies = [...grantRemedies(scope, provenance?.useCase, policy)]
  const recordLacks = provenance?.scopes?.includes(scope) === false
  if (recordLacks) remedies.push(`register a new token with ${scope} among its scopes, or without scopes`)
  else if (narrowedTo?.has(scope) === false)
    remedies.push(`a token whose claim "${policy.scopeClaim}" names ${scope}, or that has no such claim`)
  return remedies
}

function grantRemedies(scope: string, useCase: string | undefined, policy: Policy): readonly string[] {
  const own = useCase === undefined ? undefined : policy.useCases.get(useCase)
  if ((own ?? policy.defaultScopes).has(scope)) return []
  const others = [...policy.useCases].filter(([, scopes]) => scopes.has(scope)).map(([name]) => name)
  return [
    own
      ? `grant ${scope} to use case ${useCase}: grants.useCases in the policy file`
      : `grant ${scope} to every session without a use case: grants.default in the policy file`,
    ...(others.length > 0 ? [`or have the token on record for a use case that has it: ${others.join(', ')}`] : []),
  ]
}
