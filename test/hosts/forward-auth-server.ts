import type { GateOptions } from '../../src/gate/decide.ts'
import { createForwardAuth } from '../../src/hosts/forward-auth.ts'
import type { Front } from '../../src/hosts/forward-auth-front.ts'
import type { ForwardAuthOptions } from '../../src/hosts/forward-auth-options.ts'
import { createRequestIds } from '../../src/observability/request-ids.ts'
import type { RequestStory } from '../../src/observability/request-story.ts'
import { aGate } from '../fixtures/gate.ts'
import { listenOnLoopback, type Teardown } from '../fixtures/recorder.ts'

export interface Authorizer {
  readonly url: string
  readonly port: number
  readonly stories: RequestStory[]
  readonly faults: unknown[]
  /** Ends it at once. */
  stop(): void
}

/** Starts an authorizer for a front, with the shipped policy, on a free loopback port; it stops when the test ends. */
export async function startForwardAuth(
  t: Teardown,
  front: Front,
  options: Partial<ForwardAuthOptions> = {},
  gate: Partial<GateOptions> = {},
): Promise<Authorizer> {
  const stories: RequestStory[] = []
  const faults: unknown[] = []
  const server = createForwardAuth({
    front,
    gate: await aGate(() => Date.now() / 1000, gate),
    observe: story => stories.push(story),
    onFault: error => faults.push(error),
    nextIds: createRequestIds(),
    maxHeaderBytes: 16_384,
    isDraining: () => false,
    ...options,
  })
  const url = await listenOnLoopback(t, server)
  const stop = () => {
    server.closeAllConnections()
    server.close()
  }
  return { url, port: Number(new URL(url).port), stories, faults, stop }
}
