/** What may be told of an error that nobody foresaw: the kind of it, and where it arose. */
export interface FaultFacts {
  /** Name of the error's class; `unknown` for what is no error, or is named after something else. */
  readonly name: string
  /** Innermost first. */
  readonly frames: readonly string[]
}

/** Names of classes are words; a value that somebody made a name of may be anything. */
const className = /^[A-Za-z]{1,40}$/

/** `at` and a place in a file, perhaps with a function before it in words of code. */
const frame = /^at (?:[\w$.<>[\]# ]+ \()?(?:file:\/\/|node:|\/)[^()]*:\d+:\d+\)?$/

/** Reads an error without its message, which may repeat a value of a request, and without causes and details. */
export function factsOfFault(error: unknown): FaultFacts {
  const { name = '', message = '', stack = '' } = error instanceof Error ? error : {}
  // The stack begins with the message as it was at first, whose lines may look like frames.
  const start = stack.indexOf(message)
  const afterMessage = start < 0 ? stack : stack.slice(start + message.length)
  const lines = afterMessage.split('\n').map(line => line.trim())
  return { name: className.test(name) ? name : 'unknown', frames: lines.filter(line => frame.test(line)) }
}
