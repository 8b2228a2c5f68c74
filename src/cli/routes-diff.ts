import type { Policy } from '../gate/policy.ts'
import { comparePolicies, type Holder, type PolicyDifference, type RouteChange } from '../gate/policy-diff.ts'
import { routeText } from '../gate/reported-routes.ts'
import { type ExitCode, exitCodes, type Output } from './command.ts'

/** Shows what a change of policy opens and closes. */
export function showDifference(from: Policy, to: Policy, isJson: boolean, stdout: Output): ExitCode {
  const difference = comparePolicies(from, to)
  const isSame = difference.changes.length === 0 && difference.claim === null
  if (isJson) stdout.write(`${JSON.stringify(differenceJson(difference, isSame))}\n`)
  else stdout.write(isSame ? 'no difference: both let the same requests through\n' : describe(difference))
  return isSame ? exitCodes.fine : exitCodes.no
}

function differenceJson({ changes, claim }: PolicyDifference, isSame: boolean): object {
  return {
    same: isSame,
    changes: changes.map(({ holder, effect, route: { method, template, scope }, except }) => {
      return { sessions: holder, effect, method, template, scope, except: except.map(routeText) }
    }),
    claim: claim && { ...claim, opens: openedByClaim(claim) ?? null, closes: closedByClaim(claim) ?? null },
  }
}

function describe({ changes, claim }: PolicyDifference): string {
  const blocks = [...byHolder(changes)].map(([heading, own]) => `${heading}\n${own.map(lineOf).join('')}`)
  if (claim) blocks.push(describeClaim(claim))
  const opened = claim && openedByClaim(claim)
  const wider = opened === undefined || opened === null ? '' : `opens: ${opened}\n`
  return `${blocks.join('\n')}\nfor some sessions: ${routesWith('opens', changes)} opened, ${routesWith('closes', changes)} closed\n${wider}`
}

type ClaimChange = NonNullable<PolicyDifference['claim']>

function describeClaim(claim: ClaimChange): string {
  const effects = { opens: openedByClaim(claim), closes: closedByClaim(claim) }
  const lines = Object.entries(effects).flatMap(([effect, what]) =>
    what === undefined ? [] : `  ${effect}: ${what}\n`,
  )
  return `the claim that narrows sessions\n  was ${claimText(claim.from)}, is ${claimText(claim.to)}\n${lines.join('')}`
}

/** Whom a claim narrows that counts no more. No route is opened for all of a kind, so that none of the lists has it. */
function openedByClaim({ from }: ClaimChange): string | undefined {
  return from === null ? undefined : `every session that the claim "${from}" narrowed, up to its grant`
}

function closedByClaim({ to }: ClaimChange): string | undefined {
  return to === null ? undefined : `to sessions with the claim "${to}", what it does not name`
}

/** One route may change for several kinds of session. */
function routesWith(effect: RouteChange['effect'], changes: readonly RouteChange[]): number {
  return new Set(changes.filter(change => change.effect === effect).map(({ route }) => routeText(route))).size
}

function byHolder(changes: readonly RouteChange[]): ReadonlyMap<string, readonly RouteChange[]> {
  const blocks = new Map<string, RouteChange[]>()
  for (const change of changes) {
    const heading = headingOf(change.holder)
    const block = blocks.get(heading)
    if (block) block.push(change)
    else blocks.set(heading, [change])
  }
  return blocks
}

function headingOf(holder: Holder): string {
  if (holder.kind === 'default') return 'sessions with the default grant'
  return holder.kind === 'useCase' ? `sessions of use case ${holder.name}` : `sessions narrowed to scope ${holder.name}`
}

function lineOf({ effect, route, except }: RouteChange): string {
  const rest = except.length === 0 ? '' : `, but for ${except.map(routeText).join(', ')}`
  return `  ${effect.padEnd(6)}  ${routeText(route)} (${route.scope})${rest}\n`
}

function claimText(claim: string | null): string {
  return claim === null ? 'none' : `"${claim}"`
}
