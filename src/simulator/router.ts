import { type Route, routes } from './routes.ts'

/** Where a path leads. */
export type RouteMatch =
  | { readonly kind: 'found'; readonly route: Route; readonly params: Readonly<Record<string, string>> }
  /** The path exists for other methods. */
  | { readonly kind: 'method_not_allowed'; readonly allowed: readonly string[] }
  /** The path with a slash behind it exists. */
  | { readonly kind: 'slash_missing' }
  | { readonly kind: 'unknown' }

interface Template {
  /** One named group per parameter. */
  readonly pattern: RegExp
  readonly byMethod: Map<string, Route>
}

/** Templates by their number of segments. Those without a parameter come first: `/refunds/collect_pin/` is no ref. */
const templatesByLength = groupTemplates(routes)

/** @param path decoded */
export function matchRoute(method: string, path: string): RouteMatch {
  const found = findTemplate(path)
  if (found === undefined) {
    const isSlashMissing = !path.endsWith('/') && findTemplate(`${path}/`) !== undefined
    return { kind: isSlashMissing ? 'slash_missing' : 'unknown' }
  }
  // A view that answers GET answers HEAD.
  const route = found.template.byMethod.get(method === 'HEAD' ? 'GET' : method)
  if (route === undefined) return { kind: 'method_not_allowed', allowed: [...found.template.byMethod.keys()] }
  return { kind: 'found', route, params: found.params }
}

function findTemplate(path: string): { template: Template; params: Record<string, string> } | undefined {
  for (const template of templatesByLength.get(path.split('/').length) ?? []) {
    const match = template.pattern.exec(path)
    if (match !== null) return { template, params: { ...match.groups } }
  }
  return undefined
}

function groupTemplates(rows: readonly Route[]): Map<number, Template[]> {
  const byText = new Map<string, Template>()
  const byLength = new Map<number, Template[]>()
  for (const route of rows.toSorted((left, right) => countParams(left) - countParams(right))) {
    const known = byText.get(route.template)
    const template = known ?? { pattern: toPattern(route.template), byMethod: new Map() }
    template.byMethod.set(route.method, route)
    if (known !== undefined) continue
    byText.set(route.template, template)
    const length = route.template.split('/').length
    byLength.set(length, [...(byLength.get(length) ?? []), template])
  }
  return byLength
}

function toPattern(template: string): RegExp {
  return new RegExp(`^${template.replace(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`)
}

function countParams({ template }: Route): number {
  return template.split('{').length
}
