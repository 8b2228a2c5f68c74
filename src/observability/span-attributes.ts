import type { Attributes } from '@opentelemetry/api'
import { methodIndexOf, methodLabels, routeLabelOf } from './metrics-labels.ts'
import { clientGoneStatus, type RequestStory } from './request-story.ts'
import { isUpstreamFault, verdictOf } from './verdict.ts'

/*
 * What spans tell, in the words of OpenTelemetry's stable HTTP conventions. Three attributes that those ask for are left
 * out, since they hold what a client wrote, references and card numbers included: `url.path` and `url.full` (the route
 * tells enough), and the `server.address` of server spans, which would be the client's `Host`.
 */

/** How clients reach the listener. */
export type ServerFacts = Readonly<Record<'url.scheme', string>>

/** Where calls of Forage go. */
export interface UpstreamFacts extends ServerFacts {
  readonly 'server.address': string
  readonly 'server.port': number
}

/** @param origin such as `https://api.sandbox.joinforage.app` */
export function upstreamFactsOf(origin: string): UpstreamFacts {
  const { protocol, hostname, port } = new URL(origin)
  const scheme = protocol.slice(0, -1)
  return {
    'url.scheme': scheme,
    'server.address': hostname.replace(/^\[(.*)\]$/, '$1'),
    'server.port': Number(port) || (scheme === 'https' ? 443 : 80),
  }
}

/** Method and route, both from closed sets. */
export function spanNameOf(story: RequestStory): string {
  const method = methodOf(story)
  const route = routeLabelOf(story)
  const word = method === '_OTHER' ? 'HTTP' : method
  return route === 'none' ? word : `${word} ${route}`
}

export function serverAttributes(story: RequestStory, facts: ServerFacts): Attributes {
  const { decision, reason, status } = story
  const judged = decision?.outcome === 'allow' || decision?.outcome === 'deny' ? decision : undefined
  const route = routeLabelOf(story)
  return defined({
    'http.request.method': methodOf(story),
    'http.route': route === 'none' ? undefined : route,
    'http.response.status_code': isClientGone(story) || status === 0 ? undefined : status,
    ...facts,
    'network.protocol.version': story.httpVersion,
    'client.address': story.clientAddress,
    'error.type': serverErrorOf(story),
    'forage.request_id': story.requestId,
    'forage.decision': verdictOf(story),
    'forage.reason': reason,
    'forage.scope': judged?.route?.scope,
    'forage.session': judged?.session?.fingerprint,
    'forage.use_case': story.useCase ?? judged?.session?.provenance?.useCase,
    'forage.client_gone': isClientGone(story) || undefined,
    'forage.shared_read': isSharedRead(story) || undefined,
  })
}

export function clientAttributes(story: RequestStory, facts: UpstreamFacts): Attributes {
  return defined({
    'http.request.method': methodOf(story),
    'http.response.status_code': story.upstreamStatus,
    ...facts,
    'network.protocol.version': '1.1',
    'http.request.resend_count': story.retries || undefined,
    'error.type': clientErrorOf(story),
    'forage.error_code': story.errorCode || undefined,
  })
}

/** A refusal is no error of the server's; an answer that broke off is one, whatever status it had begun with. */
export function serverErrorOf({ status, reason }: RequestStory): string | undefined {
  if (status >= 500) return reason ?? String(status)
  return reason !== undefined && isUpstreamFault(reason) ? reason : undefined
}

/** To who calls, every status from 400 on is an error. */
export function clientErrorOf({ upstreamStatus = 0, reason }: RequestStory): string | undefined {
  return upstreamStatus >= 400 ? String(upstreamStatus) : reason
}

function methodOf({ method }: RequestStory): string {
  const label = methodLabels[methodIndexOf(method)] as string
  return label === 'other' ? '_OTHER' : label
}

/** The client got no status; the log has one by convention only. */
function isClientGone({ status, upstreamStatus }: RequestStory): boolean {
  return status === clientGoneStatus && upstreamStatus !== clientGoneStatus
}

/** It was answered by what an identical read had got. */
function isSharedRead({ upstreamMs, sentAt }: RequestStory): boolean {
  return upstreamMs !== undefined && sentAt === undefined
}

function defined(attributes: Readonly<Record<string, string | number | boolean | undefined>>): Attributes {
  const kept: Attributes = {}
  for (const name in attributes) if (attributes[name] !== undefined) kept[name] = attributes[name]
  return kept
}
