import type { Config } from '../config/config.ts'
import type { Policy } from '../gate/policy.ts'
import { type Grant, grantsOf } from '../gate/policy-grants.ts'
import { findHoles, type Hole } from '../gate/policy-proof.ts'
import { routeText } from '../gate/reported-routes.ts'
import { attentionOf, describeAttention } from './check-attention.ts'
import type { Forbidden } from './check-forbidden.ts'
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
  readonly config: Config
  readonly forbidden: readonly Forbidden[]
  readonly isJson: boolean
}

interface Found extends Hole {
  /** What was asked about. */
  readonly of: Forbidden
}

/** Proves that no session token reaches what is forbidden, or shows how one does. */
export function prove(asked: ProofRequest, { stdout }: Pick<Io, 'stdout'>): ExitCode {
  const { config, forbidden, isJson } = asked
  const holes = forbidden.flatMap(of =>
    findHoles(config.policy, [of.pattern], grantsFor(config.policy, of)).map((hole): Found => ({ ...hole, of })),
  )
  const { unpairedUseCases } = attentionOf(config)
  if (isJson) stdout.write(`${JSON.stringify({ ...proofJson(forbidden, holes), unpairedUseCases })}\n`)
  else {
    const outcome = holes.length === 0 ? describeProof(asked) : describeHoles(asked, holes)
    stdout.write(`${outcome}${describeAttention({ unpairedUseCases })}`)
  }
  return holes.length === 0 ? exitCodes.fine : exitCodes.no
}

/** The grants that are asked about. A use case that the policy does not list has the default one. */
function grantsFor(policy: Policy, { useCase }: Forbidden): readonly Grant[] {
  const grants = grantsOf(policy)
  if (useCase === null) return grants
  const own = policy.useCases.has(useCase) ? useCase : null
  return grants.filter(grant => grant.useCase === own)
}

function proofJson(forbidden: readonly Forbidden[], holes: readonly Found[]): object {
  return {
    fine: true,
    problems: [],
    proved: holes.length === 0,
    forbidden: forbidden.map(({ pattern }) => pattern.text),
    // In the same order. Null: sessions of any grant.
    forbiddenFor: forbidden.map(({ useCase }) => useCase),
    holes: holes.map(({ pattern, route, method, target, grants, isReported, of }) => ({
      forbidden: pattern.text,
      forbiddenFor: of.useCase,
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

function describeProof({ file, config: { policy }, forbidden }: ProofRequest): string {
  const grants = grantsOf(policy).filter(grant => forbidden.some(each => grantsFor(policy, each).some(isSameAs(grant))))
  return `${file}: proved: no session token reaches ${counted(forbidden)}
  forbidden    ${forbidden.map(describeForbidden).join('\n               ')}
  compared     with each of ${policy.routes.length} routes, for ${describeGrants(grants)}
  rests on     ${restsOn.join(';\n               ')}
`
}

function isSameAs({ useCase }: Grant): (other: Grant) => boolean {
  return other => other.useCase === useCase
}

function describeHoles({ file, forbidden }: ProofRequest, holes: readonly Found[]): string {
  const open = new Set(holes.map(hole => hole.of)).size
  const list = holes.map(
    ({ of, route, method, target, grants, isReported }) => `
  forbidden    ${describeForbidden(of)}
  gets through ${method} ${target}
  by route     ${routeText(route)}, scope ${route.scope}
  of sessions  ${isReported ? 'of any grant, since a lack of scope is only reported there' : `with ${describeGrants(grants)}`}
`,
  )
  return `${file}: not proved: session tokens reach ${open} of ${counted(forbidden)}\n${list.join('')}`
}

function describeForbidden({ pattern, useCase }: Forbidden): string {
  return useCase === null ? pattern.text : `${pattern.text} (use case ${useCase})`
}

function counted({ length }: readonly Forbidden[]): string {
  return length === 1 ? '1 forbidden template' : `${length} forbidden templates`
}

function describeGrants(grants: readonly Grant[]): string {
  return grants
    .map(({ useCase }) => (useCase === null ? 'the default grant' : `the grant of use case ${useCase}`))
    .join(', ')
}
