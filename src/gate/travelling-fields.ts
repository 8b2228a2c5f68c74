import type { Allowed } from './decision.ts'
import type { RequestFacts } from './request-facts.ts'
import type { RequestHead } from './request-head.ts'
import type { TraceContext } from './trace-context.ts'

/** The fields of a request that stop here, and those that the gateway adds. Its `Host` must have been found. */
export function travellingFields(
  head: RequestHead,
  facts: RequestFacts,
  trace: TraceContext,
): Pick<Allowed, 'removeFields' | 'setFields'> {
  const removeFields = trace.isContinued ? facts.removed : [...facts.removed, 'tracestate']
  const setFields = [
    'X-Forwarded-For',
    head.clientAddress,
    'X-Forwarded-Proto',
    head.scheme,
    'X-Forwarded-Host',
    facts.host as string,
    'X-Request-Id',
    head.ids.requestId,
    'traceparent',
    trace.traceparent,
  ]
  return { removeFields, setFields }
}
