import { z } from 'zod'
import { configSchema } from './config-schema.ts'
import type { JsonSchema } from './schema-issues.ts'

/** The JSON Schema (draft 2020-12) of a configuration file, for editors and for documentation. */
export function configJsonSchema(): JsonSchema {
  return z.toJSONSchema(configSchema, { io: 'input' }) as JsonSchema
}
