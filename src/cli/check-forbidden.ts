import { z } from 'zod'
import { ConfigError, type ConfigProblem } from '../config/config-error.ts'
import { nearestWord } from '../config/nearest-word.ts'
import { problemOf } from '../config/read-shape.ts'
import { checkShape } from '../config/schema-issues.ts'
import { readTextFile } from '../config/text-file.ts'
import { parseYaml, wholeFile, type YamlFile } from '../config/yaml-file.ts'
import { parseRequestPattern, type RequestPattern } from '../gate/policy-pattern.ts'
import { neverPatterns } from '../gate/policy-proof.ts'
import { UsageError } from './usage-error.ts'

/** What must not be reached, and by whom. */
export interface Forbidden {
  readonly pattern: RequestPattern
  /** Only sessions with the grant of this use case. Null: sessions of any grant. */
  readonly useCase: string | null
}

const error = 'must be a list of forbidden templates, such as ["* /api/orders/**"]'
const entryError = 'must be a template, such as "* /api/orders/**", or { template, useCase }'
const text = z.string({ error: 'must be text in quotes' })
const entry = z.preprocess(
  value => (typeof value === 'string' ? { template: value } : value),
  z.strictObject({ template: text, useCase: text.optional() }, { error: entryError }),
)
const schema = z.strictObject({ forbid: z.array(entry, { error }).min(1, { error }) })

/**
 * What a proof is about: the pairs of a command line and the list of a file; without either, what no policy may grant.
 *
 * @param pairs method, template, method, template …
 * @param useCase of what names none itself. Default: any
 * @throws UsageError for a pair that is none, ConfigError for such a line of the file
 */
export function readForbidden(
  pairs: readonly string[],
  file: string | undefined,
  useCase: string | undefined = undefined,
): readonly Forbidden[] {
  if (pairs.length % 2 === 1) throw new UsageError('METHOD and TEMPLATE come in pairs: one of them is missing')
  const given: Forbidden[] = []
  for (let index = 0; index < pairs.length; index += 2) {
    const pattern = parseRequestPattern(`${pairs[index]} ${pairs[index + 1]}`)
    if (typeof pattern === 'string') throw new UsageError(`METHOD TEMPLATE ${index / 2 + 1}: ${pattern}`)
    given.push({ pattern, useCase: useCase ?? null })
  }
  if (file !== undefined)
    given.push(...readForbiddenFile(file).map(each => ({ ...each, useCase: each.useCase ?? useCase ?? null })))
  return given.length > 0 ? given : neverPatterns.map(pattern => ({ pattern, useCase: useCase ?? null }))
}

/**
 * Looks for use cases that nobody knows: a proof about one would be about the default grant, or about nothing.
 *
 * @throws UsageError for the one of the command line, ConfigError for those of the file
 */
export function checkUseCases(
  { useCase, file }: { readonly useCase: string | undefined; readonly file: string | undefined },
  known: readonly string[],
): void {
  if (useCase !== undefined && !known.includes(useCase)) throw new UsageError(`--use-case ${adviceFor(useCase, known)}`)
  if (file === undefined) return
  const yaml = readYaml(file)
  const problems = entriesOf(yaml).flatMap(({ useCase: name }, index): ConfigProblem[] => {
    if (name === undefined || known.includes(name)) return []
    return [yaml.problem(['forbid', index, 'useCase'], adviceFor(name, known))]
  })
  if (problems.length > 0) throw new ConfigError(file, problems)
}

function adviceFor(name: string, known: readonly string[]): string {
  const near = nearestWord(name, known)
  const meant = near === undefined ? '' : `; did you mean "${near}"?`
  const list = known.length === 0 ? 'there are none' : `they are ${known.join(', ')}`
  return `is no use case of the policy or of issuing.useCases: ${list}${meant}`
}

function readForbiddenFile(file: string): readonly Forbidden[] {
  const yaml = readYaml(file)
  const parsed = entriesOf(yaml).map(({ template, useCase = null }) => ({
    pattern: parseRequestPattern(template),
    useCase,
  }))
  const problems = parsed.flatMap(({ pattern }, index) =>
    typeof pattern === 'string' ? [yaml.problem(['forbid', index], pattern)] : [],
  )
  if (problems.length > 0) throw new ConfigError(file, problems)
  return parsed.flatMap(({ pattern, useCase }) => (typeof pattern === 'string' ? [] : [{ pattern, useCase }]))
}

function readYaml(file: string): YamlFile {
  const read = readTextFile(file)
  if ('fault' in read) throw new ConfigError(file, [wholeFile(file, `cannot be read: ${read.fault}`)])
  return parseYaml(file, read.text)
}

function entriesOf(yaml: YamlFile) {
  const shape = checkShape(schema, yaml.value)
  if ('document' in shape) return shape.document.forbid
  const problems = shape.map(issue => problemOf(yaml, issue))
  throw new ConfigError(yaml.file, problems)
}
