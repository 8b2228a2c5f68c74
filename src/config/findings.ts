import type { ConfigProblem } from './config-error.ts'
import { type KeyPath, keyText, type YamlFile } from './yaml-file.ts'

/** The problems of one configuration, gathered while it is turned from a document into what the gateway runs on. */
export class Findings {
  readonly #yaml: YamlFile
  readonly #problems: ConfigProblem[]

  constructor(yaml: YamlFile, problems: readonly ConfigProblem[]) {
    this.#yaml = yaml
    this.#problems = [...problems]
  }

  get problems(): readonly ConfigProblem[] {
    return this.#problems
  }

  /** Adds a problem, unless one is known at this key, around it or within it: this one would be its echo. */
  report(path: KeyPath, message: string): void {
    if (!this.isWrong(path)) this.#problems.push(this.#yaml.problem(path, message))
  }

  /** Adds problems of another file. */
  add(problems: readonly ConfigProblem[]): void {
    this.#problems.push(...problems)
  }

  /** Whether something is wrong at a key, around it or within it. */
  isWrong(path: KeyPath): boolean {
    const key = keyText(path)
    return this.#problems.some(
      problem => problem.path === key || isWithin(problem.path, key) || isWithin(key, problem.path),
    )
  }
}

function isWithin(inner: string, outer: string): boolean {
  return inner.startsWith(`${outer}.`) || inner.startsWith(`${outer}[`)
}
