import { z } from 'zod'
import { configSchema } from './config-schema.ts'
import { notAvailableYet } from './not-available-yet.ts'
import { type JsonSchema, schemaAt } from './schema-issues.ts'
import { keyPath } from './yaml-file.ts'

/** The JSON Schema (draft 2020-12) of a configuration file, for editors and for documentation. */
export function configJsonSchema(): JsonSchema {
  const schema = z.toJSONSchema(configSchema, { io: 'input' }) as JsonSchema
  for (const { key, message } of notAvailableYet) markUnavailable(schema, key, message)
  return schema
}

/** Says beside the key itself that its feature is missing: an editor shows descriptions, not our table. */
function markUnavailable(schema: JsonSchema, key: string, message: string): void {
  const path = keyPath(key)
  const place = schemaAt(schema, path.slice(0, -1))?.properties?.[String(path.at(-1))]
  if (!place) throw new Error(`${key} is not in the schema`)
  place.description = `${place.description ?? ''} (${message}.)`.trim()
}
