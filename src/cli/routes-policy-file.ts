import { ConfigError } from '../config/config-error.ts'
import { readPolicy } from '../config/read-policy.ts'
import { readTextFile } from '../config/text-file.ts'
import { wholeFile } from '../config/yaml-file.ts'
import type { Policy } from '../gate/policy.ts'

/**
 * Reads a policy that no configuration names, such as the next one.
 *
 * @param issued use cases that session tokens are issued for. Default: none are known
 * @throws ConfigError with every problem
 */
export function readPolicyFile(file: string, issued: readonly string[] = []): Policy {
  const read = readTextFile(file)
  if ('fault' in read) throw new ConfigError(file, [wholeFile(file, `cannot be read: ${read.fault}`)])
  const policy = readPolicy(file, read.text, issued)
  if ('problems' in policy) throw new ConfigError(file, policy.problems)
  return policy
}
