import type { Policy } from '../gate/policy.ts'
import { type Grant, grantsOf } from '../gate/policy-grants.ts'
import type { RequestPattern } from '../gate/policy-pattern.ts'
import { findHoles, type Hole } from '../gate/policy-proof.ts'
import { routeText } from '../gate/reported-routes.ts'
import { type ExitCode, exitCodes, type Io } from './command.ts'

/** What a proof about the policy alone takes for granted. */
const restsOn: readonly string[] = [
  'clients have no way to Forage around this gateway',
  'Forage takes method and path from the request line: fields that claim others are removed on the way',
  'what is forwarded is the target that was matched: one that two parsers could read differently is refused',
  'a parameter is one segment of 1 to 64 letters, digits, "_" and "-"; only the final slash may be left out',
  'a session has one grant: of its use case, or the default one; its claim and its record only narrow it',
]

export interface ProofRequest {
  /** File of the configuration, as it was named. */
  readonly file: string
  readonly policy: Policy
  readonly patterns: readonly RequestPattern[]
  readonly isJson: boolean
}

/** Proves that no session token reaches what is forbidden, or shows how one does. */
export function prove({ file, policy, patterns, isJson }: ProofRequest, { stdout }: Pick<Io, 'stdout'>): ExitCode {
  const holes = findHoles(policy, patterns)
  if (isJson) stdout.write(`${JSON.stringify(proofJson(patterns, holes))}\n`)
  else stdout.write(holes.length === 0 ? describeProof(file, policy, patterns) : describeHoles(file, patterns, holes))
  return holes.length === 0 ? exitCodes.fine : exitCodes.no
}

function proofJson(patterns: readonly RequestPattern[], holes: readonly Hole[]): object {
  return {
    fine: true,
    problems: [],
    proved: holes.length === 0,
    forbidden: patterns.map(pattern => pattern.text),
    holes: holes.map(({ pattern, route, method, target, grants, isReported }) => ({
      forbidden: pattern.text,
      method,
      target,
      route: routeText(route),
      scope: route.scope,
      // Null is the default grant.
      useCases: grants.map(grant => grant.useCase),
      reported: isReported,
    })),
    restsOn,
  }
}

function describeProof(file: string, policy: Policy, patterns: readonly RequestPattern[]): string {
  return `${file}: proved: no session token reaches ${counted(patterns)}
  forbidden    ${patterns.map(pattern => pattern.text).join('\n               ')}
  compared     with each of ${policy.routes.length} routes, for ${describeGrants(grantsOf(policy))}
  rests on     ${restsOn.join(';\n               ')}
`
}

function describeHoles(file: string, patterns: readonly RequestPattern[], holes: readonly Hole[]): string {
  const open = new Set(holes.map(hole => hole.pattern)).size
  const list = holes.map(
    ({ pattern, route, method, target, grants, isReported }) => `
  forbidden    ${pattern.text}
  gets through ${method} ${target}
  by route     ${routeText(route)}, scope ${route.scope}
  of sessions  ${isReported ? 'of any grant, since a lack of scope is only reported there' : `with ${describeGrants(grants)}`}
`,
  )
  return `${file}: not proved: session tokens reach ${open} of ${counted(patterns)}\n${list.join('')}`
}

function counted(patterns: readonly RequestPattern[]): string {
  return patterns.length === 1 ? '1 forbidden template' : `${patterns.length} forbidden templates`
}

function describeGrants(grants: readonly Grant[]): string {
  return grants
    .map(({ useCase }) => (useCase === null ? 'the default grant' : `the grant of use case ${useCase}`))
    .join(', ')
}
