import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Answer, answerHtml, answerJson, sendAnswer } from './answer.ts'
import { answerSink, readByteCount, sendBytes } from './bulk.ts'
import { applyFaults, describeFaults } from './faults.ts'
import { parseJsonObject } from './parse-body.ts'
import { readRequestBody } from './request-body.ts'
import type { RequestHead } from './request-head.ts'
import { addSeededObjects } from './seeded-objects.ts'
import { resetWorld, type World } from './world.ts'

/** Paths that steer the simulator. They need no credentials, hit no limit, and suffer no fault. */
export const controlPrefix = '/__simulator/'

/** Answers a request under {@link controlPrefix}. */
export async function answerControl(
  world: World,
  head: RequestHead,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const count = /^\/__simulator\/bytes\/([^/]+)$/.exec(head.path)?.[1]
  const total = count === undefined || head.method !== 'GET' ? null : readByteCount(count)
  if (total !== null) await sendBytes(response, total)
  else sendAnswer(response, await controlAnswer(world, head, request))
}

async function controlAnswer(world: World, head: RequestHead, request: IncomingMessage): Promise<Answer> {
  switch (`${head.method} ${head.path.slice(controlPrefix.length)}`) {
    case 'GET state':
      return answerJson(200, describeWorld(world))
    case 'POST faults':
      return changeFaults(world, request)
    case 'POST reset':
      restart(world)
      return answerJson(200, describeWorld(world))
    case 'POST sink':
      return answerSink(await readRequestBody(request, 0))
    default:
      return answerHtml(404, 'Not Found')
  }
}

/** Makes everything as it was when the simulator started. */
function restart(world: World): void {
  resetWorld(world)
  addSeededObjects(world)
}

async function changeFaults(world: World, request: IncomingMessage): Promise<Answer> {
  const input = parseJsonObject((await readRequestBody(request)).bytes ?? Buffer.alloc(0))
  const problem = input === null ? 'the body is not a JSON object' : applyFaults(world.faults, input)
  return problem === null ? answerJson(200, describeFaults(world.faults)) : answerJson(400, { error: problem })
}

function describeWorld(world: World): Record<string, unknown> {
  const { options, paymentMethods, payments, refunds, orders, sessions } = world
  return {
    environment: options.environment,
    merchant_account: options.merchantAccount,
    requests: world.received.requests,
    executions: world.executions.count,
    live_authentication_tokens: world.authenticationTokens.liveCount(),
    most_live_authentication_tokens: world.authenticationTokens.mostLive,
    issued_authentication_tokens: world.authenticationTokens.issuedCount,
    idempotency_keys: world.idempotency.size,
    objects: {
      payment_methods: paymentMethods.size,
      payments: payments.size,
      refunds: refunds.size,
      orders: orders.size,
      sessions: sessions.size,
    },
    faults: describeFaults(world.faults),
  }
}
