import { z } from 'zod'
import { ConfigError } from '../config/config-error.ts'
import { problemOf } from '../config/read-shape.ts'
import { checkShape } from '../config/schema-issues.ts'
import { readTextFile } from '../config/text-file.ts'
import { parseYaml, wholeFile } from '../config/yaml-file.ts'
import { parseRequestPattern, type RequestPattern } from '../gate/policy-pattern.ts'
import { neverPatterns } from '../gate/policy-proof.ts'
import { UsageError } from './usage-error.ts'

const error = 'must be a list of forbidden templates, such as ["* /api/orders/**"]'
const schema = z.strictObject({ forbid: z.array(z.string({ error }), { error }).min(1, { error }) })

/**
 * What a proof is about: the pairs of a command line and the list of a file; without either, what no policy may grant.
 *
 * @param pairs method, template, method, template …
 * @throws UsageError for a pair that is none, ConfigError for such a line of the file
 */
export function readForbidden(pairs: readonly string[], file: string | undefined): readonly RequestPattern[] {
  if (pairs.length % 2 === 1) throw new UsageError('METHOD and TEMPLATE come in pairs: one of them is missing')
  const given: RequestPattern[] = []
  for (let index = 0; index < pairs.length; index += 2) {
    const pattern = parseRequestPattern(`${pairs[index]} ${pairs[index + 1]}`)
    if (typeof pattern === 'string') throw new UsageError(`METHOD TEMPLATE ${index / 2 + 1}: ${pattern}`)
    given.push(pattern)
  }
  if (file !== undefined) given.push(...readForbiddenFile(file))
  return given.length > 0 ? given : neverPatterns
}

function readForbiddenFile(file: string): readonly RequestPattern[] {
  const read = readTextFile(file)
  if ('fault' in read) throw new ConfigError(file, [wholeFile(file, `cannot be read: ${read.fault}`)])
  const yaml = parseYaml(file, read.text)
  const shape = checkShape(schema, yaml.value)
  if (!('document' in shape)) {
    const problems = shape.map(issue => problemOf(yaml, issue))
    throw new ConfigError(file, problems)
  }
  const parsed = shape.document.forbid.map(parseRequestPattern)
  const problems = parsed.flatMap((pattern, index) =>
    typeof pattern === 'string' ? [yaml.problem(['forbid', index], pattern)] : [],
  )
  if (problems.length > 0) throw new ConfigError(file, problems)
  return parsed.filter(pattern => typeof pattern !== 'string')
}
