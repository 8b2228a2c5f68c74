import { isDeepStrictEqual } from 'node:util'
import { createCors } from '../gate/cors.ts'
import type { Gate } from '../gate/decide.ts'
import { readFacts } from '../gate/request-facts.ts'
import { type AccessLogOptions, createAccessLog } from '../observability/access-log.ts'
import { warnOfReported } from '../observability/reported-log.ts'
import type { Observe } from '../observability/request-story.ts'
import type { Sessions } from '../session/create-sessions.ts'
import { type GateParts, gateOver } from './gate.ts'
import type { ReloadableLimits } from './limits.ts'
import type { Generation } from './reload.ts'

export interface RuleParts {
  readonly sessions: Sessions
  readonly clientLimits: ReloadableLimits
  readonly gate: Omit<GateParts, 'sessions' | 'limits' | 'generation'>
  readonly accessLog: Pick<AccessLogOptions, 'logger' | 'writeRequest' | 'hashKey'>
}

/** What requests are judged and logged by, and what a reload replaces: all of it between two requests. */
export interface Rules {
  readonly gate: Gate
  readonly accessLog: Observe
  readonly crossOriginFields: (fields: readonly string[]) => readonly string[]
  /** @returns puts the configuration in force, at once. Rejects, changing nothing, when its keys cannot be used */
  prepare(next: Generation): Promise<() => void>
}

/** What one configuration makes of the parts. */
interface RuleSet extends Omit<Rules, 'prepare'>, Generation {}

export function createRules(first: Generation, parts: RuleParts): Rules {
  const { sessions, clientLimits } = parts
  const { logger } = parts.accessLog
  let current = ruleSetOf(first, parts)
  warnOfReported(logger, first.config.policy)

  async function prepare(next: Generation): Promise<() => void> {
    const { keys } = next.config.session
    const useKeys = isDeepStrictEqual(keys, current.config.session.keys) ? undefined : await sessions.prepareKeys(keys)
    const rules = ruleSetOf(next, parts)
    return () => {
      useKeys?.()
      sessions.useScopeClaim(next.config.policy.scopeClaim)
      clientLimits.use(next.config.limits)
      current = rules
      warnOfReported(logger, next.config.policy)
    }
  }

  return {
    gate: { decide: head => current.gate.decide(head) },
    accessLog: story => current.accessLog(story),
    crossOriginFields: fields => current.crossOriginFields(fields),
    prepare,
  }
}

function ruleSetOf(
  { config, generation }: Generation,
  { sessions, clientLimits, gate, accessLog }: RuleParts,
): RuleSet {
  const { environment, cors, log } = config
  const { responseFields } = createCors(cors, [])
  return {
    config,
    generation,
    gate: gateOver(config, { sessions, limits: clientLimits, generation, ...gate }),
    accessLog: createAccessLog({ ...accessLog, environment, sampleSuccesses: log.sampleSuccesses }),
    crossOriginFields: fields => responseFields(readFacts(fields)),
  }
}
