// Writes docs/configuration.md from the schema of the configuration. Run it after a build; a test compares the two.
import { writeFileSync } from 'node:fs'
import { configJsonSchema } from '../dist/config/config-json-schema.js'
import { configurationReference } from './configuration-reference.mjs'

writeFileSync('docs/configuration.md', configurationReference(configJsonSchema()))
