import { knownField } from '../gate/field-roles.ts'

/** What a decision says about fields. */
export interface FieldChanges {
  readonly removeFields: readonly string[]
  readonly setFields: readonly string[]
}

/**
 * The field lines that travel on: as received, in order and spelling, without those that stop here, and with the ones
 * that the gateway sets at the end.
 */
export function requestFields(received: readonly string[], { removeFields, setFields }: FieldChanges): string[] {
  const fields: string[] = []
  for (let index = 0; index < received.length; index += 2) {
    const field = knownField(received[index] as string)
    if (field === undefined || removeFields.includes(field.name)) continue
    fields.push(field.spelling, received[index + 1] as string)
  }
  for (const part of setFields) fields.push(part)
  return fields
}
