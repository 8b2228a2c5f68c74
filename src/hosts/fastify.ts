import type { FastifyInstance, FastifyPluginAsync } from 'fastify'
import type { SessionRegistry } from '../session/session-registry.ts'
import { createGuard } from './guard.ts'
import { type GuardOptions, guardParts } from './guard-options.ts'
import type { GuardedRequest } from './guard-request.ts'
import { originalTarget } from './guard-target.ts'

export type { ConfiguredGuardOptions, GateGuardOptions, GuardEvents, GuardOptions } from './guard-options.ts'
export type { GuardedRequest } from './guard-request.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** There once a guard was registered here. */
    forage: {
      /** Puts tokens on record, and revokes sessions. Null for a guard over a gate: whoever made it has them. */
      readonly sessions: SessionRegistry | null
    }
  }
  interface FastifyRequest {
    /** Undefined where no guard stands before the route. */
    readonly forage: GuardedRequest | undefined
  }
}

async function plugin(fastify: FastifyInstance, options: GuardOptions): Promise<void> {
  if ('http2' in fastify.initialConfig) throw new TypeError('the guard knows HTTP/1 only: leave out the option http2')
  const parts = await guardParts(options)
  const { receive, guardServer } = createGuard(parts, originalTarget)
  guardServer(fastify.server)
  fastify.decorate('forage', { sessions: parts.sessions })
  if (!fastify.hasRequestDecorator('forage')) {
    fastify.decorateRequest('forage', {
      getter() {
        return this.raw.forage
      },
    })
  }
  fastify.addHook('onRequest', ({ raw }, reply, done) => {
    receive(raw, reply.raw, { pass: () => done(), onTaken: () => void reply.hijack() })
  })
  fastify.addHook('onClose', parts.close)
}

/**
 * A Fastify plugin: every route of the instance that it is registered on, and of those below it, is behind the guard,
 * and so are targets without a route.
 *
 * @throws ConfigError (`ERR_FORAGE_CONFIG`) with every problem of the configuration at once
 * @example
 * await app.register(guard, { config: 'gateway.yaml' })
 */
export const guard: FastifyPluginAsync<GuardOptions> = Object.assign(plugin, {
  // As fastify-plugin does: the hook is for the instance itself, not for a child of its own.
  [Symbol.for('skip-override')]: true,
  [Symbol.for('fastify.display-name')]: 'forage-gateway',
  [Symbol.for('plugin-meta')]: { name: 'forage-gateway', fastify: '5.x' },
})
