import { basename } from 'node:path'
import { compilePolicy, type Policy } from '../gate/policy.ts'
import { ConfigError, type ConfigProblem } from './config-error.ts'
import { policySchema } from './policy-schema.ts'
import { problemOf } from './read-shape.ts'
import { checkShape } from './schema-issues.ts'
import { misspeltUseCases } from './use-case-names.ts'
import { keyPath, parseYaml, type YamlFile } from './yaml-file.ts'

interface Problems {
  readonly problems: readonly ConfigProblem[]
}

/**
 * Checks the text of a policy file.
 *
 * @param issued use cases that session tokens are issued for: one of the policy that is nearly called so is misspelt.
 * Default: none are known
 * @returns the policy, or everything that is wrong with it; paths begin with the name of the file
 */
export function readPolicy(file: string, text: string, issued: readonly string[] = []): Policy | Problems {
  const name = basename(file)
  try {
    const outcome = compile(parseYaml(file, text), issued)
    if (!('problems' in outcome)) return outcome
    return { problems: outcome.problems.map(problem => ({ ...problem, path: `${name}: ${problem.path}` })) }
  } catch (error) {
    if (error instanceof ConfigError) return error
    throw error
  }
}

function compile(yaml: YamlFile, issued: readonly string[]): Policy | Problems {
  const shape = checkShape(policySchema, yaml.value)
  // Routes of a document that lacks parts would be blamed for what is missing elsewhere.
  if (!('document' in shape)) return { problems: shape.map(issue => problemOf(yaml, issue)) }
  const policy = compilePolicy(shape.document)
  const listed = Object.keys(shape.document.grants.useCases ?? {})
  const misspelt = misspeltUseCases({ listed, issued })
  if (!('problems' in policy) && misspelt.length === 0) return policy
  const problems = [...('problems' in policy ? policy.problems : []), ...misspelt]
  return { problems: problems.map(({ path, message }) => yaml.problem(keyPath(path), message)) }
}
