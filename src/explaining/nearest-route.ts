import { nearestWord } from '../config/nearest-word.ts'
import type { Policy, Route } from '../gate/policy.ts'
import { routeText } from '../gate/reported-routes.ts'
import { parameterValue } from '../gate/route-table.ts'

/** In what a request is unlike a route. `reference`: where a parameter stands is something that no parameter can be. */
export type Difference = 'method' | 'spelling' | 'reference' | 'missing_segment' | 'extra_segment'

/** A route that somebody may have meant, and what a request would have to change to take it. */
export interface NearestRoute {
  /** Method and template; never the path. */
  readonly route: string
  readonly differs: readonly Difference[]
}

/** How far apart two lists of segments are. */
interface Distance {
  readonly cost: number
  readonly differs: readonly Difference[]
}

/** Beyond it a guess is more often a nuisance than a help: two segments are wrong, or one and the method. */
const farthest = 1.5
const costOf: Readonly<Record<Difference, number>> = {
  method: 0.75,
  spelling: 0.5,
  reference: 0.5,
  missing_segment: 1,
  extra_segment: 1,
}

/** No route of Forage is half as long, and comparing is the work of both lengths. */
const maxSegments = 16

/** The route of a policy that is nearest to a request which took none; undefined where none is near. */
export function nearestRoute({ routes }: Policy, method: string, path: string): NearestRoute | undefined {
  const segments = path.replace(/^\/|\/$/g, '').split('/')
  if (segments.length > maxSegments) return undefined
  let nearest: { readonly route: Route; readonly distance: Distance } | undefined
  for (const route of routes) {
    const apart = distanceOf(segments, route.segments)
    const distance = route.method === method ? apart : further(apart, 'method')
    if (distance.cost <= farthest && distance.cost < (nearest?.distance.cost ?? Number.POSITIVE_INFINITY))
      nearest = { route, distance }
  }
  return nearest && { route: routeText(nearest.route), differs: [...new Set(nearest.distance.differs)] }
}

/** The least that has to be changed, segment by segment, to make one list of the other. */
function distanceOf(segments: readonly string[], template: Route['segments']): Distance {
  let above: Distance[] = [{ cost: 0, differs: [] }]
  for (const part of template) above.push(without(above.at(-1) as Distance, part))
  for (const segment of segments) {
    const row = [further(above[0] as Distance, 'extra_segment')]
    for (const [index, part] of template.entries()) {
      const replaced = withSegment(above[index] as Distance, segment, part)
      const missing = without(row[index] as Distance, part)
      const extra = further(above[index + 1] as Distance, 'extra_segment')
      row.push([missing, extra].reduce((least, other) => (other.cost < least.cost ? other : least), replaced))
    }
    above = row
  }
  return above.at(-1) as Distance
}

/** A reference is left out more easily than a word: of `/api/orders/` the one is missing, not the other. */
function without(before: Distance, part: string | null): Distance {
  const { cost, differs } = further(before, 'missing_segment')
  return { cost: part === null ? cost - 0.25 : cost, differs }
}

function withSegment(before: Distance, segment: string, part: string | null): Distance {
  if (part === null) return parameterValue.test(segment) ? before : further(before, 'reference')
  if (part === segment) return before
  const isNear = segment.length <= 64 && nearestWord(segment, [part]) !== undefined
  return isNear ? further(before, 'spelling') : { cost: Number.POSITIVE_INFINITY, differs: [] }
}

function further({ cost, differs }: Distance, difference: Difference): Distance {
  return { cost: cost + costOf[difference], differs: [...differs, difference] }
}
