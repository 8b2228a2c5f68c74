import type { FoundCredential, TextWindow } from './credential.ts'
import { mask } from './mask.ts'
import { hasRandomRun } from './randomness.ts'

// `client_secret`, `clientSecret`, `CLIENT-SECRET`, `client.secret`, `Client secret`, and the same with `id`. What may
// follow in the same word begins a new one: `client_secret_prod`, but not `client_identity`.
const name = /[Cc](?:lient|LIENT)[_\-. ]?(?:([Ss]ecret|SECRET)|[Ii][Dd])(?![a-z])/g
const restOfName = /(?:[A-Z0-9_-]\w{0,23})?/y

/** What stands between a name and its value, in the notations of programs, settings, forms, XML, YAML and tables. */
const joint = new RegExp(
  [
    // Quotes and brackets that close the name, and the name of a type: `clientSecret: string = '…'`.
    `["'\`\\]\\\\)*]{0,4}\\s{0,4}`,
    '(?::?\\s{0,4}[A-Za-z]{1,16}\\??\\s{1,4}(?==))?',
    // `"name": "CLIENT_SECRET", "value":`, `<key>clientSecret</key> <string>`, then the short ones.
    `(?:,?\\s{0,80}-?["']?value["']?\\s{0,4}[:=]|</key>\\s{0,80}<string>|:-|:=|\\?\\?|\\|\\||=>|[:=]{1,3}|[,>|])`,
    `\\s{0,8}[\\\\"'\`*(]{0,4}`,
  ].join(''),
  'y',
)

/** A value: long enough for a secret, and not so long that it is an encrypted one. */
const value = /[A-Za-z0-9_.~+/=-]{20,200}(?![A-Za-z0-9_.~+/=-])/y
const hexadecimal = /^[0-9a-f]{32,}$|^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** Characters before a name in which `forage` makes it a name of Forage's: `FORAGE_SANDBOX_CLIENT_SECRET`. */
const qualifierLength = 24

/** Characters between an id and its secret up to which they are a pair. */
export const pairDistance = 1024

/** Characters of the longest name with its joint: where to begin to read for a value that stands at a certain place. */
export const maxNameLength = 512

/** A value beside a name, and what the name says. */
interface NamedValue {
  readonly part: 'secret' | 'id'
  readonly isForage: boolean
  readonly start: number
  readonly text: string
}

/**
 * Finds client secrets beside their names, and the client ids that belong to one. A client id alone is no secret, and
 * every OAuth client in the world calls it so: it counts near a secret, or where its name says Forage.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1 | RFC 6749 §2.3.1}
 */
export function findClientSecrets({ text, from, to }: TextWindow): FoundCredential[] {
  const near = namedValues(text, from - pairDistance, to + pairDistance)
  const isNearSecret = createNearness(near.filter(({ part }) => part === 'secret'))
  return near
    .filter(({ start }) => start >= from && start < to)
    .filter(one => one.part === 'secret' || one.isForage || isNearSecret(one.start))
    .map(({ part, start, text: secret }) => ({
      kind: part === 'secret' ? 'client_secret' : 'client_id',
      environment: null,
      isExpired: false,
      start,
      end: start + secret.length,
      masked: mask(secret),
    }))
}

/** Values that begin in a part of the text, in order. */
function namedValues(text: string, from: number, to: number): NamedValue[] {
  const values: NamedValue[] = []
  name.lastIndex = Math.max(0, from - maxNameLength)
  for (let hit = name.exec(text); hit && hit.index < to; hit = name.exec(text)) {
    const start = startOfValue(text, name.lastIndex)
    if (start === undefined) continue
    value.lastIndex = start
    const found = value.exec(text)?.[0]
    const isForage = /forage/i.test(text.slice(Math.max(0, hit.index - qualifierLength), hit.index))
    if (found === undefined || !isDrawn(found, isForage)) continue
    values.push({ part: hit[1] === undefined ? 'id' : 'secret', isForage, start, text: found })
  }
  return values
}

function startOfValue(text: string, endOfName: number): number | undefined {
  restOfName.lastIndex = endOfName
  restOfName.exec(text)
  joint.lastIndex = restOfName.lastIndex
  return joint.test(text) ? joint.lastIndex : undefined
}

/**
 * Whether a value was drawn at random. A hash, a UUID and the number of a commit look like a secret to nobody who knows
 * Forage's, unless they stand beside Forage's name.
 */
function isDrawn(text: string, isForage: boolean): boolean {
  if (isForage && hexadecimal.test(text)) return new Set(text).size > 8
  return hasRandomRun(text)
}

/** Tells of ascending places whether a secret is near. It goes along with them: hostile text has thousands of both. */
function createNearness(secrets: readonly NamedValue[]): (start: number) => boolean {
  let next = 0
  return start => {
    while ((secrets[next]?.start ?? Number.POSITIVE_INFINITY) < start - pairDistance) next++
    return (secrets[next]?.start ?? Number.POSITIVE_INFINITY) <= start + pairDistance
  }
}
