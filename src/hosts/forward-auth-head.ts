import type { IncomingMessage } from 'node:http'
import type { RequestHead, RequestIds } from '../gate/request-head.ts'
import { pathOf } from '../gate/target.ts'
import type { FindOrigin } from './forward-auth-address.ts'
import type { FrontContract } from './forward-auth-front.ts'
import { readQuestionLines } from './forward-auth-lines.ts'
import { hasKnownFraming } from './read-head.ts'

/**
 * Paths of a question that tells of its request in fields. Behind a front that asks with the target of the request instead,
 * a client would have written these fields: its questions are refused, but for those about a path that Forage has not.
 */
const questionPaths: ReadonlySet<string> = new Set(['/decide', '/auth', '/'])

export interface QuestionReader {
  readonly contract: FrontContract
  /** What the front puts before the target; `''`: nothing. */
  readonly pathPrefix: string
  readonly findOrigin: FindOrigin
}

/**
 * The head of the request that a front asks about, from the fields of that front and from nowhere else.
 *
 * @returns undefined where the question leaves any doubt about it
 */
export function readOriginalHead(
  request: IncomingMessage,
  ids: RequestIds,
  reader: QuestionReader,
): RequestHead | undefined {
  const { contract, findOrigin } = reader
  const lines = hasKnownFraming(request) ? readQuestionLines(request.rawHeaders, contract) : undefined
  if (!lines) return undefined
  const { said, client } = lines
  const asked =
    contract.target === undefined ? readOwnLine(request, reader.pathPrefix) : readSaid(request, said, contract)
  const scheme = said.get(contract.scheme)
  const clientAddress = findOrigin(request.socket.remoteAddress ?? '', said.get(contract.address))
  const host = hostLine(said, contract)
  if (!asked || !host || clientAddress === undefined || (scheme !== 'http' && scheme !== 'https')) return undefined
  return { ...asked, fields: [...host, ...client], clientAddress, scheme, ids }
}

/** What stands for the head of a request where there is doubt about it. */
export function unknownHead({ socket, rawHeaders }: IncomingMessage, ids: RequestIds): RequestHead {
  return { method: '', target: '', fields: rawHeaders, clientAddress: socket.remoteAddress ?? '', scheme: 'http', ids }
}

type Asked = Pick<RequestHead, 'method' | 'target'>

/** The question has the method and target of the request, behind what the front was told to put before it. */
function readOwnLine({ method = '', url = '' }: IncomingMessage, prefix: string): Asked | undefined {
  return url.startsWith(`${prefix}/`) ? { method, target: url.slice(prefix.length) } : undefined
}

/** A question that contradicts what the front says in its fields was made by someone else. */
function readSaid(
  { method: ownMethod = '', url = '' }: IncomingMessage,
  said: ReadonlyMap<string, string>,
  contract: FrontContract,
): Asked | undefined {
  const method = said.get(contract.method as string)
  const target = said.get(contract.target as string)
  if (method === undefined || target === undefined) return undefined
  // Fronts ask with GET, and some can be told to ask with the method of the request.
  if (ownMethod !== 'GET' && ownMethod !== 'HEAD' && ownMethod !== method) return undefined
  if (!questionPaths.has(pathOf(url))) return undefined
  const isSame = queryOf(url) === (contract.repeatsQuery ? queryOf(target) : '')
  return isSame ? { method, target } : undefined
}

/** Without the question mark; a query that is empty is none. */
function queryOf(target: string): string {
  const mark = target.indexOf('?')
  return mark < 0 ? '' : target.slice(mark + 1)
}

function hostLine(said: ReadonlyMap<string, string>, { host }: FrontContract): readonly string[] | undefined {
  if (host === undefined) return []
  const value = said.get(host)
  return value === undefined ? undefined : ['Host', value]
}
