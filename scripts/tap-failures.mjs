// Collects what failed from TAP lines, so that it can be told again at the end: thousands of lines may follow a failure.

const LINES_PER_DIAGNOSTIC = 30

/**
 * @returns {{ take: (line: string) => void, told: () => string }} `take` is given each TAP line in order; `told` is one
 *   paragraph per failed assertion, with its diagnostic, and ends with the subtests and the file that hold it.
 */
export function collectFailures() {
  const failures = []
  let diagnostic = -1
  return {
    take(line) {
      const text = line.trimStart()
      if (/^not ok\b(?!.*# (TODO|SKIP))/i.test(text)) {
        failures.push(line)
        diagnostic = 0
      } else if (diagnostic >= 0) {
        if (diagnostic === 0 && text !== '---') diagnostic = -1
        else if (text === '...' || diagnostic >= LINES_PER_DIAGNOSTIC) diagnostic = -1
        else if (diagnostic++ > 0) failures.push(line)
      }
    },
    told: () => failures.join('\n'),
  }
}
