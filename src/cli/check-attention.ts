import type { Config } from '../config/config.ts'
import { describeUnpaired } from '../config/use-case-names.ts'
import { unreachableRoutes } from '../gate/policy-grants.ts'
import { describeReported } from '../gate/reported-routes.ts'

/** What an operator has to know of a configuration that is fit to run, a sentence each. */
export interface Attention {
  /** What the policy only reports; null when it enforces all of it. */
  readonly reported: string | null
  /** Routes that stand in the policy and that no request ever takes. */
  readonly unreachable: readonly string[]
  /** Use cases that only one of policy and issuing names. */
  readonly unpairedUseCases: readonly string[]
}

/** Looks for what is allowed, and may not be meant. */
export function attentionOf({ policy, issuing }: Config): Attention {
  const unreachable = unreachableRoutes(policy, issuing !== null).map(({ route: { method, template, scope }, why }) => {
    const cause = why === 'not_granted' ? `no session is granted its scope, ${scope}` : 'the gateway answers it itself'
    return `${method} ${template} is never reached: ${cause}`
  })
  const unpairedUseCases = describeUnpaired({ listed: [...policy.useCases.keys()], issued: issuing?.useCases ?? [] })
  return { reported: describeReported(policy) ?? null, unreachable, unpairedUseCases }
}

/** A line for each sentence. */
export function describeAttention({ reported, unreachable, unpairedUseCases }: Partial<Attention>): string {
  const sentences = [...(reported ? [reported] : []), ...(unreachable ?? []), ...(unpairedUseCases ?? [])]
  return sentences.map(text => `  attention    ${text}\n`).join('')
}
