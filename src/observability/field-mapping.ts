import { isIP } from 'node:net'
import { datadogId } from './log-datadog-id.ts'

/** A member of another vocabulary that says what a field of ours says. */
export interface MappedField {
  readonly name: string
  /** Member whose value is an object, in which this one stands. Default: none, it stands in the line itself. */
  readonly within?: string
  /** How the value is written there. Default: as it is. */
  readonly as?: Conversion
}

/** How the lines of this process are written in another vocabulary. */
export interface FieldMapping {
  /** Names of the members that every line has. */
  readonly time: string
  readonly level: string
  readonly message: string
  /** Levels that have other names there. */
  readonly levels: Readonly<Record<string, string>>
  /** Members that are the same on every line; null: none. */
  readonly constants: Readonly<Record<string, string>> | null
  /** Null: ours are kept. */
  readonly fields: MappedFields | null
}

export interface MappedFields {
  /** What becomes of our fields, by their names; none: it is left out. */
  readonly known: Readonly<Record<string, readonly MappedField[]>>
  /** What the name of any other field begins with. */
  readonly others: string
}

/**
 * - `nanoseconds`: of milliseconds
 * - `seconds`: of milliseconds, as `0.012000s`
 * - `text`: of a number
 * - `lines`: of a list of texts
 * - `address`: an IP address, or nothing
 * - `outcome`: `success` or `failure`, of a status and the reason beside it
 * - `trace_resource`: of a trace id, in the Google Cloud project
 * - `datadog_id`: of a hexadecimal id
 */
export type Conversion =
  | 'nanoseconds'
  | 'seconds'
  | 'text'
  | 'lines'
  | 'address'
  | 'outcome'
  | 'trace_resource'
  | 'datadog_id'

type Line = Readonly<Record<string, unknown>>
type Convert = (value: unknown, line: Line, gcpProject: string | undefined) => unknown

const conversions: Readonly<Record<Conversion, Convert>> = {
  nanoseconds: value => Math.round(Number(value) * 1_000_000),
  seconds: value => `${(Number(value) / 1000).toFixed(6)}s`,
  text: value => String(value),
  lines: value => (value as readonly string[]).join('\n'),
  // Elasticsearch refuses a whole line for one value that is no address, as of a client that is gone.
  address: value => (isIP(String(value)) === 0 ? undefined : value),
  outcome: (value, { reason }) => (Number(value) < 400 && reason === undefined ? 'success' : 'failure'),
  trace_resource: (value, _, gcpProject) =>
    gcpProject === undefined ? value : `projects/${gcpProject}/traces/${value}`,
  datadog_id: value => datadogId(String(value)),
}

/** Gives the members of a line the names of another vocabulary. */
export type MapLine = (line: Readonly<Record<string, unknown>>) => Record<string, unknown>

/** Writes the fields of a line in another vocabulary. */
export function createFieldMapper({ known, others }: MappedFields, gcpProject?: string): MapLine {
  const table = new Map(Object.entries(known))
  return line => {
    const mapped: Record<string, unknown> = {}
    for (const name in line) {
      const value = line[name]
      if (value === undefined) continue
      for (const field of table.get(name) ?? learn(name)) {
        const members = field.within === undefined ? mapped : objectIn(mapped, field.within)
        members[field.name] = field.as ? conversions[field.as](value, line, gcpProject) : value
      }
    }
    return mapped
  }

  /** Names of fields are written in our own code: there are as many as there are. */
  function learn(name: string): readonly MappedField[] {
    const fields = [{ name: others + name }]
    table.set(name, fields)
    return fields
  }
}

function objectIn(members: Record<string, unknown>, name: string): Record<string, unknown> {
  const object = members[name] ?? {}
  members[name] = object
  return object as Record<string, unknown>
}
