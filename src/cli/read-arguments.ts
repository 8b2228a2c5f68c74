import { type ParseArgsConfig, parseArgs } from 'node:util'
import { nearestWord } from '../config/nearest-word.ts'
import { UsageError } from './usage-error.ts'

type Options = NonNullable<ParseArgsConfig['options']>

/** What was read: values by the long name of their option, and the rest in order. */
export interface Arguments {
  text(name: string): string | undefined
  texts(name: string): readonly string[]
  has(name: string): boolean
  readonly positionals: readonly string[]
}

export interface Accepted {
  readonly options: Options
  /** Names of the positional arguments; all are required. Default: none. */
  readonly positionals?: readonly string[]
}

/**
 * Reads the arguments of a command.
 *
 * @throws UsageError for an unknown option, a missing value, or another number of arguments
 */
export function readArguments(args: readonly string[], { options, positionals = [] }: Accepted): Arguments {
  const parsed = parse(args, options)
  const missing = positionals[parsed.positionals.length]
  if (missing !== undefined) throw new UsageError(`${missing} is missing`)
  if (parsed.positionals.length > positionals.length) throw new UsageError(tooMany(positionals))
  const { values } = parsed
  return {
    text: name => (typeof values[name] === 'string' ? values[name] : undefined),
    texts: name => (Array.isArray(values[name]) ? (values[name] as string[]) : []),
    has: name => values[name] === true,
    positionals: parsed.positionals,
  }
}

/** The value of `--config`, which most commands need. @throws UsageError */
export function configFile(given: Arguments): string {
  const file = given.text('config')
  if (!file) throw new UsageError('--config FILE is missing')
  return file
}

function parse(args: readonly string[], options: Options) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true })
  } catch (error) {
    throw new UsageError(describeFault(error as NodeJS.ErrnoException, Object.keys(options)))
  }
}

/** Node's own message would repeat a value, and a value may be a token. */
function describeFault({ code, message }: NodeJS.ErrnoException, known: readonly string[]): string {
  const option = /'(?:-\w, )?(--?[\w-]+)/.exec(message)?.[1] ?? 'an option'
  if (code !== 'ERR_PARSE_ARGS_UNKNOWN_OPTION') {
    if (/does not take an argument/.test(message)) return `${option} takes no value`
    return `${option} needs a value; one that begins with "-" is written ${option}=VALUE`
  }
  const near = nearestWord(option.replace(/^-+/, ''), known)
  return `${option} is not an option of this command${near === undefined ? '' : `; did you mean --${near}?`}`
}

function tooMany(positionals: readonly string[]): string {
  if (positionals.length === 0) return 'this command takes no arguments but options'
  return `this command takes ${positionals.join(' and ')} and nothing more`
}
