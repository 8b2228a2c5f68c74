import type { Session } from '../session/session.ts'
import { neverRouteOpenedBy } from './never-routes.ts'
import { createRouteTable, type RouteTable } from './route-table.ts'
import { overlap, parseRouteTemplate, type RouteTemplate } from './route-template.ts'

/** A policy as it is written, its shape already checked. */
export interface PolicyDocument {
  /** Route texts (`METHOD /template/`) by scope. */
  readonly scopes: Readonly<Record<string, readonly string[]>>
  readonly grants: {
    /** Scopes of every session that has no use case. */
    readonly default: readonly string[]
    /** Scopes of sessions issued for a use case. */
    readonly useCases?: Readonly<Record<string, readonly string[]>> | undefined
    /** Claim of a verified token that narrows the grant; null or absent: none does. */
    readonly claim?: string | null | undefined
  }
}

/** A route of a policy: a template and the one scope that it belongs to. */
export interface Route extends RouteTemplate {
  readonly scope: string
}

/** A checked policy. */
export interface Policy {
  readonly scopes: readonly string[]
  readonly routes: readonly Route[]
  readonly routeTable: RouteTable
  /** Name of the claim that narrows a grant, or null. */
  readonly scopeClaim: string | null
  readonly defaultScopes: ReadonlySet<string>
  readonly useCases: ReadonlyMap<string, ReadonlySet<string>>
  /**
   * Routes that every valid session may use for now: a session without their scope is reported and let through. None,
   * unless the configuration says so (`policy.mode`, `policy.report`).
   */
  readonly reportedRoutes: ReadonlySet<Route>
}

/** Something wrong in a document: where, and what to write instead. */
export interface Problem {
  readonly path: string
  readonly message: string
}

/**
 * Checks a policy and makes its route table. A policy with one bad rule is no policy: all problems are returned, and
 * nothing is dropped to get going.
 */
export function compilePolicy(document: PolicyDocument): Policy | { readonly problems: readonly Problem[] } {
  const problems: Problem[] = []
  const routes = readRoutes(document, problems)
  const scopes = Object.keys(document.scopes)
  checkGrants(document, scopes, problems)
  if (problems.length > 0) return { problems }
  const { default: defaultScopes, useCases = {}, claim = null } = document.grants
  return {
    scopes,
    routes,
    routeTable: createRouteTable(routes),
    scopeClaim: claim,
    defaultScopes: new Set(defaultScopes),
    useCases: new Map(Object.entries(useCases).map(([name, granted]) => [name, new Set(granted)])),
    reportedRoutes: new Set(),
  }
}

/** Whether a session may use a scope: the grant of its use case holds it, and nothing narrows the session to others. */
export function grants(policy: Policy, session: Session, scope: string): boolean {
  const { useCase } = session.provenance ?? {}
  const granted = (useCase === undefined ? undefined : policy.useCases.get(useCase)) ?? policy.defaultScopes
  return granted.has(scope) && (session.narrowedTo === undefined || session.narrowedTo.has(scope))
}

/** The scopes that a session may use, in the order of the policy. */
export function grantedScopes(policy: Policy, session: Session): readonly string[] {
  return policy.scopes.filter(scope => grants(policy, session, scope))
}

const oneOfThem =
  'keep one of them; a literal beside a parameter in one place, such as /mine/ and /{ref}/, is never possible'

function readRoutes({ scopes }: PolicyDocument, problems: Problem[]): readonly Route[] {
  const routes: (Route & { readonly path: string })[] = []
  for (const [scope, texts] of Object.entries(scopes)) {
    for (const [index, text] of texts.entries()) {
      const path = `scopes.${scope}[${index}]`
      const template = parseRouteTemplate(text)
      if (typeof template === 'string') {
        problems.push({ path, message: `${template}; found "${text}"` })
        continue
      }
      const opened = neverRouteOpenedBy(template)
      if (opened)
        problems.push({ path, message: `"${text}" would open ${opened}, which no session token may reach: remove it` })
      const other = routes.find(route => overlap(route, template))
      if (other)
        problems.push({
          path,
          message: `"${text}" overlaps "${other.method} ${other.template}" (${other.path}): ${oneOfThem}`,
        })
      routes.push({ ...template, scope, path })
    }
  }
  return routes.map(({ path: _path, ...route }) => route)
}

function checkGrants(
  { grants: { default: standard, useCases = {} } }: PolicyDocument,
  scopes: readonly string[],
  problems: Problem[],
): void {
  const lists: [string, readonly string[]][] = [['grants.default', standard]]
  for (const [name, granted] of Object.entries(useCases)) lists.push([`grants.useCases.${name}`, granted])
  for (const [path, granted] of lists) {
    for (const [index, scope] of granted.entries()) {
      if (scopes.includes(scope)) continue
      problems.push({
        path: `${path}[${index}]`,
        message: `"${scope}" is not a scope of this policy: write one of ${scopes.join(', ')}`,
      })
    }
  }
}
