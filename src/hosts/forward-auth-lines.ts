import { isRemovedFromRequest, removedRequestFields } from '../gate/removed-fields.ts'
import type { FrontContract } from './forward-auth-front.ts'

/** The field lines of a question, apart: what the front says, and what the client sent. */
export interface QuestionLines {
  /** Values of the fields of the contract by their lower-case names. Only those that are handed over may be empty. */
  readonly said: ReadonlyMap<string, string>
  /** Name, value … in the order in which they came, with those that the front had used up. */
  readonly client: readonly string[]
}

/**
 * Fields by which a proxy would name another method or target. They are refused where they are not the front's own:
 * someone wrote them who takes it for another one.
 */
const otherClaims: ReadonlySet<string> = new Set([
  'x-forwarded-method',
  'x-forwarded-uri',
  'x-forwarded-path',
  'x-forwarded-prefix',
  'x-original-method',
  'x-original-uri',
  'x-original-url',
  'x-rewrite-url',
  'x-rewrite-uri',
  'x-envoy-original-method',
  'x-envoy-original-path',
])

/**
 * Takes the lines of a question apart.
 *
 * @param raw name, value …
 * @returns undefined where a field of the contract came empty or in two lines, so that the client may have written one of
 * them, or where there is a field of another front, or one that the front could not keep from the upstream
 */
export function readQuestionLines(raw: readonly string[], contract: FrontContract): QuestionLines | undefined {
  const { method, target, host, scheme, address, restored, ofQuestion } = contract
  const own = new Set([method, target, host, scheme, address, ...restored.keys()])
  const said = new Map<string, string>()
  const client: string[] = []
  for (let index = 0; index < raw.length; index += 2) {
    const [spelling = '', value = ''] = raw.slice(index, index + 2)
    const name = spelling.toLowerCase()
    if (own.has(name)) {
      if (said.has(name) || (value === '' && !restored.has(name))) return undefined
      said.set(name, value)
    } else if (isRefused(name)) return undefined
    else if (!ofQuestion.has(name)) client.push(spelling, value)
  }
  for (const [name, spelling] of restored) {
    const value = said.get(name)
    if (value) client.push(spelling, value)
  }
  return { said, client }
}

/** A family has no end, and what a front removes is a list of names: its other members are refused. */
function isRefused(name: string): boolean {
  return otherClaims.has(name) || (isRemovedFromRequest(name) && !removedRequestFields.has(name))
}
