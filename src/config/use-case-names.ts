import type { Problem } from '../gate/policy.ts'
import { nearestWord } from './nearest-word.ts'

/** What a policy grants to use cases, and the use cases that session tokens are issued for. */
export interface UseCaseNames {
  /** Of `grants.useCases`. None: every session gets the default grant, whatever its use case. */
  readonly listed: readonly string[]
  /** Of `issuing.useCases`. None: nothing is issued here. */
  readonly issued: readonly string[]
}

/**
 * Use cases of a policy that are most likely misspelt: nothing is issued for them, and one that is issued and not listed is
 * nearly called so. Its sessions would get the default grant, wide open where the policy was to narrow them. Where both are
 * meant, listing both settles it.
 */
export function misspeltUseCases(names: UseCaseNames): readonly Problem[] {
  const { unlisted, unissued } = unpaired(names)
  return unissued.flatMap((name): Problem[] => {
    const near = nearestWord(name, unlisted)
    if (near === undefined) return []
    const message = `is no use case of issuing.useCases; did you mean "${near}"? Where both are meant, list "${near}", too`
    return [{ path: `grants.useCases.${name}`, message }]
  })
}

/** Sentences for an operator about use cases that only one of policy and issuing names. None where it lists no use case. */
export function describeUnpaired(names: UseCaseNames): readonly string[] {
  const { unlisted, unissued } = unpaired(names)
  return [
    ...unlisted.map(
      name => `use case "${name}" of issuing.useCases is not in grants.useCases: its sessions get the default grant`,
    ),
    ...unissued.map(
      name => `grants.useCases.${name} is no use case of issuing.useCases: only registered tokens can carry it`,
    ),
  ]
}

function unpaired({ listed, issued }: UseCaseNames) {
  if (listed.length === 0 || issued.length === 0) return { unlisted: [], unissued: [] }
  return {
    unlisted: issued.filter(name => !listed.includes(name)),
    unissued: listed.filter(name => !issued.includes(name)),
  }
}
