import type { Route } from './policy.ts'

/** Finds the one route of a method and path. */
export interface RouteTable {
  /**
   * @param path an unambiguous path; its final slash is optional
   * @returns undefined when there is no such route
   */
  find(method: string, path: string): Route | undefined
}

interface Node {
  readonly literals: Map<string, Node>
  parameter: Node | undefined
  route: Route | undefined
}

/** What a parameter matches: one segment. References of Forage are about ten letters and digits. */
export const parameterValue: RegExp = /^[A-Za-z0-9_-]{1,64}$/

/**
 * A tree of segments per method. No two routes of a policy match one request (the policy is refused otherwise), so that
 * the first one found is the only one.
 */
export function createRouteTable(routes: readonly Route[]): RouteTable {
  const roots = new Map<string, Node>()
  for (const route of routes) plant(roots, route)
  return {
    find(method, path) {
      const root = roots.get(method)
      return root && walk(root, path, 1)
    },
  }
}

function plant(roots: Map<string, Node>, route: Route): void {
  let node = childOf(roots, route.method)
  for (const segment of route.segments) {
    if (segment === null) {
      node.parameter ??= emptyNode()
      node = node.parameter
    } else node = childOf(node.literals, segment)
  }
  node.route = route
}

function childOf(nodes: Map<string, Node>, name: string): Node {
  const node = nodes.get(name) ?? emptyNode()
  nodes.set(name, node)
  return node
}

function emptyNode(): Node {
  return { literals: new Map(), parameter: undefined, route: undefined }
}

/** Matches whole segments from `start` on. A literal may lead into a dead end, so the parameter is tried after it. */
function walk(node: Node, path: string, start: number): Route | undefined {
  if (start >= path.length) return node.route
  const slash = path.indexOf('/', start)
  const end = slash < 0 ? path.length : slash
  const segment = path.slice(start, end)
  const literal = node.literals.get(segment)
  const found = literal && walk(literal, path, end + 1)
  if (found || !node.parameter || !parameterValue.test(segment)) return found
  return walk(node.parameter, path, end + 1)
}
