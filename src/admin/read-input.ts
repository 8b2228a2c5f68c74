import { invalidInput } from './admin-call.ts'

/** A JSON object of a call, its members still to be checked. */
export type Input = Readonly<Record<string, unknown>>

/** @throws AdminRefusal when the value is no object, or has members that are not known */
export function readInput(value: unknown, where: string, known: readonly string[]): Input {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalidInput(`${where} must be an object.`)
  const odd = Object.keys(value).find(name => !known.includes(name))
  if (odd !== undefined) throw invalidInput(`${where} has an unknown member: use ${known.join(', ')}.`)
  return value as Input
}

/** Text of 1 to `maxLength` characters, or undefined when it is absent or null. The value is never repeated. */
export function readText(input: Input, name: string, maxLength = 256): string | undefined {
  const value = input[name]
  if (value === undefined || value === null) return undefined
  if (typeof value === 'string' && value.length > 0 && value.length <= maxLength) return value
  throw invalidInput(`"${name}" must be text of 1 to ${maxLength} characters.`)
}

export function readTexts(input: Input, name: string): readonly string[] | undefined {
  const value = input[name]
  if (value === undefined || value === null) return undefined
  if (Array.isArray(value) && value.every(item => typeof item === 'string')) return value
  throw invalidInput(`"${name}" must be a list of texts.`)
}
