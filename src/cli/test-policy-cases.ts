import { ConfigError, type ConfigProblem } from '../config/config-error.ts'
import { nearestWord } from '../config/nearest-word.ts'
import { problemOf } from '../config/read-shape.ts'
import { checkShape } from '../config/schema-issues.ts'
import { readTextFile } from '../config/text-file.ts'
import { type KeyPath, parseYaml, wholeFile, type YamlFile } from '../config/yaml-file.ts'
import type { Policy } from '../gate/policy.ts'
import { type CaseDocument, casesSchema, writeOut } from './test-policy-schema.ts'

/** A case, and where it stands. */
export interface PolicyCase extends CaseDocument {
  readonly file: string
  readonly line: number
}

/**
 * Reads the cases of a policy.
 *
 * @param issued use cases that session tokens are issued for: one that the policy does not list has its default grant, and
 * is no mistake of a case. Default: none
 * @throws ConfigError with every problem at once. A scope or use case that the policy does not have is one: the case would
 * not test what it says
 */
export function loadCases(file: string, policy: Policy, issued: readonly string[] = []): readonly PolicyCase[] {
  const read = readTextFile(file)
  if ('fault' in read) throw new ConfigError(file, [wholeFile(file, `cannot be read: ${read.fault}`)])
  const yaml = parseYaml(file, read.text)
  const shape = checkShape(casesSchema, writeOut(yaml.value))
  if (!('document' in shape)) {
    const problems = shape.map(issue => problemOf(yaml, issue))
    throw new ConfigError(file, problems)
  }
  const { cases } = shape.document
  const { scopes, useCases: listed } = policy
  const useCases = listed.size === 0 ? [] : [...new Set([...listed.keys(), ...issued])]
  const problems = cases.flatMap((each, index) => unknownNames(each, { scopes, useCases }, yaml, ['cases', index]))
  if (problems.length > 0) throw new ConfigError(file, problems)
  return cases.map((each, index) => ({ ...each, file, line: yaml.problem(['cases', index], '').line ?? 1 }))
}

interface KnownNames {
  readonly scopes: readonly string[]
  /** None: any will do, since a policy without use cases takes any. */
  readonly useCases: readonly string[]
}

/** Names that the policy does not have. */
function unknownNames(
  { session: { scopes = [], useCase }, scope }: CaseDocument,
  known: KnownNames,
  yaml: YamlFile,
  path: KeyPath,
): readonly ConfigProblem[] {
  const problems = scopes.map((name, index) => {
    return problemWith(yaml, [...path, 'session', 'scopes', index], { what: 'scope', name, known: known.scopes })
  })
  if (scope !== undefined)
    problems.push(problemWith(yaml, [...path, 'scope'], { what: 'scope', name: scope, known: known.scopes }))
  if (useCase !== undefined && known.useCases.length > 0)
    problems.push(
      problemWith(yaml, [...path, 'session', 'useCase'], { what: 'use case', name: useCase, known: known.useCases }),
    )
  return problems.filter(problem => problem !== undefined)
}

function problemWith(
  yaml: YamlFile,
  path: KeyPath,
  { what, name, known }: { readonly what: string; readonly name: string; readonly known: readonly string[] },
): ConfigProblem | undefined {
  if (known.includes(name)) return undefined
  const near = nearestWord(name, known)
  const advice = near === undefined ? `write one of ${known.join(', ')}` : `did you mean "${near}"?`
  return yaml.problem(path, `is no ${what} of the policy; ${advice}`)
}
