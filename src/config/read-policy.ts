import { basename } from 'node:path'
import { compilePolicy, type Policy } from '../gate/policy.ts'
import { ConfigError, type ConfigProblem } from './config-error.ts'
import { policySchema } from './policy-schema.ts'
import { problemOf } from './read-shape.ts'
import { checkShape } from './schema-issues.ts'
import { keyPath, parseYaml, type YamlFile } from './yaml-file.ts'

interface Problems {
  readonly problems: readonly ConfigProblem[]
}

/**
 * Checks the text of a policy file.
 *
 * @returns the policy, or everything that is wrong with it; paths begin with the name of the file
 */
export function readPolicy(file: string, text: string): Policy | Problems {
  const name = basename(file)
  try {
    const outcome = compile(parseYaml(file, text))
    if (!('problems' in outcome)) return outcome
    return { problems: outcome.problems.map(problem => ({ ...problem, path: `${name}: ${problem.path}` })) }
  } catch (error) {
    if (error instanceof ConfigError) return error
    throw error
  }
}

function compile(yaml: YamlFile): Policy | Problems {
  const shape = checkShape(policySchema, yaml.value)
  // Routes of a document that lacks parts would be blamed for what is missing elsewhere.
  if (!('document' in shape)) return { problems: shape.map(issue => problemOf(yaml, issue)) }
  const policy = compilePolicy(shape.document)
  if (!('problems' in policy)) return policy
  return { problems: policy.problems.map(({ path, message }) => yaml.problem(keyPath(path), message)) }
}
