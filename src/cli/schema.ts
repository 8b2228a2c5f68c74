import { configJsonSchema } from '../config/config-json-schema.ts'
import { type Command, exitCodes } from './command.ts'
import { readArguments } from './read-arguments.ts'

const help = `Usage: forage-gateway schema

Prints the JSON Schema (draft 2020-12) of the configuration file: every key,
its default, range and meaning. Editors check and complete with it when the
file begins with:

  # yaml-language-server: $schema=./gateway.schema.json

Example:
  forage-gateway schema > gateway.schema.json
`

export const command: Command = {
  help,
  run(args, { stdout }) {
    readArguments(args, { options: {} })
    stdout.write(`${JSON.stringify(configJsonSchema(), null, 2)}\n`)
    return exitCodes.fine
  },
}
