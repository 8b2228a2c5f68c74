import { basename } from 'node:path'
import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml'
import { ConfigError, type ConfigProblem } from './config-error.ts'
import { yamlFault } from './yaml-fault.ts'

/** Keys and list indexes that lead to a value. */
export type KeyPath = readonly (string | number)[]

/** A YAML file that was read, and where its keys stand. */
export interface YamlFile {
  readonly file: string
  /** Plain keys and values. */
  readonly value: unknown
  /** A problem with the position of its key, or of the nearest key around it that is in the file. */
  problem(path: KeyPath, message: string): ConfigProblem
}

/**
 * Takes the text of a YAML 1.2 or JSON file apart. Doubled keys, unknown tags and a second document are errors: somebody
 * would read them differently.
 *
 * @throws ConfigError with every syntax problem and its position
 */
export function parseYaml(file: string, text: string): YamlFile {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true })
  // A warning is a guess of the parser at what was meant: refuse.
  const faults = [...document.errors, ...document.warnings]
  const at = (offset: number, code: string) => ({ ...wholeFile(file, yamlFault(code)), ...position(lines, offset) })
  if (faults.length > 0)
    throw new ConfigError(
      file,
      faults.map(fault => at(fault.pos[0], fault.code)),
    )
  return {
    file,
    value: toPlainValue(document, file),
    problem(path, message) {
      const offset = findOffset(document, path)
      return { file, path: keyText(path), message, ...(offset === undefined ? {} : position(lines, offset)) }
    },
  }
}

/** A problem of a file as a whole. */
export function wholeFile(file: string, message: string): ConfigProblem {
  return { file, path: basename(file), message }
}

/** `limits.perSession`, `scopes.payments[3]`. */
export function keyText(path: KeyPath): string {
  if (path.length === 0) return 'top level'
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`
    return text === '' ? key : `${text}.${key}`
  }, '')
}

/** The keys of a text that {@link keyText} makes. */
export function keyPath(text: string): KeyPath {
  return [...text.matchAll(/\[(\d+)\]|[^.[\]]+/g)].map(([key, index]) => (index === undefined ? key : Number(index)))
}

function toPlainValue(document: Document, file: string): unknown {
  let value: unknown
  try {
    value = document.toJS()
  } catch {
    // The parser stops where aliases would unfold into gigabytes.
    const message = 'has an alias ("*…") without an anchor, or too many: write the values out, or put them in quotes'
    throw new ConfigError(file, [wholeFile(file, message)])
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  throw new ConfigError(file, [wholeFile(file, 'must hold "key: value" lines')])
}

function position(lines: LineCounter, offset: number): { readonly line: number; readonly column: number } {
  const { line, col } = lines.linePos(offset)
  return { line, column: col }
}

/** Where the last key of the path that is in the file begins; undefined when not even the first is. */
function findOffset(document: Document, path: KeyPath): number | undefined {
  let node = document.contents as Node | null
  let offset: number | undefined
  for (const key of path) {
    const next = step(isAlias(node) ? (node.resolve(document) ?? null) : node, key)
    if (!next) return offset
    offset = next.offset
    node = next.node
  }
  return offset
}

function step(node: Node | null, key: string | number): { offset: number | undefined; node: Node | null } | undefined {
  if (isSeq(node) && typeof key === 'number') {
    const item = node.items[key] as Node | undefined
    return item && { offset: item.range?.[0], node: item }
  }
  if (!isMap(node)) return undefined
  const pair = node.items.find(item => isScalar(item.key) && item.key.value === key)
  return pair && { offset: (pair.key as Node).range?.[0], node: pair.value as Node | null }
}
