/** Folders that are left out unless asked for: history, which is compressed, and other people's packages. */
export const excludedByDefault: readonly string[] = ['.git', 'node_modules']

/**
 * Makes the rule that leaves files and folders out. A pattern is the last segment of a path, or the last segments; `*`
 * stands for any characters of a segment, `?` for one, and `**` for any characters at all.
 *
 * The rule is asked on the way down, and a folder takes with it what is in it. So it looks at the end of a path only,
 * and a folder that was named by the user is searched wherever it is: in `node_modules`, for one.
 *
 * @example createExclusion(['*.map', 'test/fixtures'])('app/test/fixtures') // true
 */
export function createExclusion(patterns: readonly string[]): (path: string) => boolean {
  const trimmed = patterns.map(pattern => pattern.replace(/^(?:\.?\/)+|\/+$/g, '')).filter(pattern => pattern !== '')
  if (trimmed.length === 0) return () => false
  const expression = new RegExp(`(?:^|/)(?:${trimmed.map(toExpression).join('|')})$`)
  return path => expression.test(path.replaceAll('\\', '/'))
}

function toExpression(pattern: string): string {
  return pattern.replace(/\*+|\?|[\\^$.|+()[\]{}]/g, part => {
    if (part === '*') return '[^/]*'
    if (part === '?') return '[^/]'
    return part.startsWith('*') ? '.*' : `\\${part}`
  })
}
