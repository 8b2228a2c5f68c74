import { hopByHopFields } from '../gate/removed-fields.ts'

const hopByHop: ReadonlySet<string> = new Set(hopByHopFields)

/** Field lines of a response that travel on to the client, and what they say about the body. */
export interface ResponseFields {
  readonly fields: string[]
  readonly contentLength: number | undefined
  readonly isJson: boolean
  /** False where a `Transfer-Encoding` is other than exactly `chunked`: nobody would undo the rest of it. */
  readonly isFramed: boolean
}

const json = /^application\/(?:[a-z0-9.+-]+\+)?json\s*(?:;|$)/i

/**
 * Reads the field lines of a response as the upstream wrote them.
 *
 * @param raw name, value … in octets
 * @param added fields that the gateway puts on the answer; the upstream's own of these names stop here
 */
export function responseFields(raw: readonly (Buffer | string)[], added: readonly string[]): ResponseFields {
  const nominated = nominatedNames(raw)
  const own = ownNames(added)
  const fields: string[] = []
  let contentLength: number | undefined
  let isJson = false
  let codings: string | undefined
  for (let index = 0; index < raw.length; index += 2) {
    const name = text(raw[index])
    const value = text(raw[index + 1])
    const lowerName = name.toLowerCase()
    if (lowerName === 'transfer-encoding') codings = codings === undefined ? value : `${codings},${value}`
    if (hopByHop.has(lowerName) || own.includes(lowerName) || nominated.includes(lowerName)) continue
    if (lowerName === 'content-length') contentLength = Number(value)
    if (lowerName === 'content-type') isJson = json.test(value)
    fields.push(name, value)
  }
  for (const part of added) fields.push(part)
  return { fields, contentLength, isJson, isFramed: codings === undefined || codings.toLowerCase() === 'chunked' }
}

const none: readonly string[] = []
const connectionLength = 'connection'.length

/** Fields that this response nominates as those of its connection (RFC 9110 §7.6.1). */
function nominatedNames(raw: readonly (Buffer | string)[]): readonly string[] {
  let nominated = none
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index] as Buffer | string
    if (name.length !== connectionLength || text(name).toLowerCase() !== 'connection') continue
    const options = text(raw[index + 1]).toLowerCase()
    // What nearly every answer says names nothing: `Keep-Alive` is hop-by-hop anyway.
    if (options === 'keep-alive' || options === 'close') continue
    nominated = [...nominated, ...options.split(/\s*,\s*/)]
  }
  return nominated
}

/** Fields that the gateway sets. `Vary` is a list (RFC 9110 §12.5.5): ours is added to the upstream's. */
function ownNames(added: readonly string[]): readonly string[] {
  const names: string[] = []
  for (let index = 0; index < added.length; index += 2) {
    const name = added[index] as string
    if (name !== 'Vary') names.push(name.toLowerCase())
  }
  return names
}

function text(part: Buffer | string | undefined): string {
  return typeof part === 'string' ? part : (part?.toString('latin1') ?? '')
}
