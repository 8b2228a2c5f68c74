import { basename } from 'node:path'
import type { Problem } from '../gate/policy.ts'
import { GatewayError } from '../gateway-error.ts'
import type { FileSnapshot } from './file-snapshot.ts'

/** Something wrong in a configuration: the key, what to write instead, and where the key stands. */
export interface ConfigProblem extends Problem {
  /** File that holds the key, as it was named. */
  readonly file: string
  /** 1-based; undefined when the key is not in the file. */
  readonly line?: number
  readonly column?: number
}

/** A configuration that is not fit to run. Holds every problem that was found, never the value of a secret. */
export class ConfigError extends GatewayError {
  readonly problems: readonly ConfigProblem[]
  /** Private: what prints an error prints its fields, and files of secrets are among these. */
  readonly #files: FileSnapshot['files']

  constructor(file: string, problems: readonly ConfigProblem[], files: FileSnapshot['files'] = {}) {
    const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`
    const sorted = [...problems].sort((one, other) => placeOf(one, file) - placeOf(other, file))
    super('ERR_FORAGE_CONFIG', [`${file}: ${count}`, ...sorted.map(describeProblem)].join('\n'))
    this.problems = sorted
    this.#files = files
  }

  /** All files that were read, or could not be, with what they held. */
  files(): FileSnapshot['files'] {
    return this.#files
  }
}

/** One line for a person: `gateway.yaml:3:9 listen.port: must be …`. Editors make the position a link. */
export function describeProblem({ file, line, column, path, message }: ConfigProblem): string {
  const position = line === undefined ? file : `${file}:${line}:${column}`
  // What is wrong with a file as a whole has the name of the file for its key: once is enough.
  return path === basename(file) ? `${position}: ${message}` : `${position} ${path}: ${message}`
}

/** From the top of the file to its end; then what is not in it; then the other files that it names. */
function placeOf({ file, line = 1e6, column = 0 }: ConfigProblem, mainFile: string): number {
  return (file === mainFile ? 0 : 1e12) + line * 1e4 + column
}
