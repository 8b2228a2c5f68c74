import pino from 'pino'
import t from 'tap'
import type { IssuingEvent } from '../../src/issuing/issuing-event.ts'
import { logIssuingEvent } from '../../src/observability/issuing-log.ts'

function lineOf(event: IssuingEvent): unknown {
  const lines: string[] = []
  const destination = { write: (text: string) => void lines.push(text) }
  const levels = { formatters: { level: (level: string) => ({ level }) } }
  logIssuingEvent(pino({ base: null, timestamp: false, ...levels }, destination), event)
  return JSON.parse(lines.join(''))
}

const useCase = 'checkout'
const failed = { kind: 'token_not_obtained', useCase, retryInSec: 0.5, hasWorkingToken: false } as const
const told = { level: 'error', event: 'token_not_obtained', use_case: useCase, retry_in_sec: 1 }
const words = { has_working_token: false, msg: 'no authentication token could be obtained; it is tried again' }

t.test('a Forage that cannot be reached is logged with the error code of the platform', async t => {
  const fault = { fault: 'unreachable', mayHaveTakenEffect: false, code: 'ECONNREFUSED' } as const
  t.same(lineOf({ ...failed, fault }), { ...told, ...words, fault: 'unreachable', error_code: 'ECONNREFUSED' })
  t.same(lineOf({ kind: 'session_not_issued', useCase, fault }), {
    level: 'warn',
    event: 'session_not_issued',
    use_case: useCase,
    fault: 'unreachable',
    error_code: 'ECONNREFUSED',
    msg: 'Forage issued no session token',
  })
})

t.test('a token that is of no use is logged with the reason', async t => {
  const fault = { fault: 'invalid_answer', mayHaveTakenEffect: true } as const
  const detail = 'token has the prefix mock_, environment is sandbox'
  t.same(lineOf({ ...failed, fault, detail }), { ...told, ...words, fault: 'invalid_answer', detail })
})

t.test('a refused merchant account is logged with what Forage answered, and with the key to look at', async t => {
  const fault = {
    fault: 'merchant_refused',
    mayHaveTakenEffect: false,
    status: 403,
    upstreamCode: 'forbidden',
  } as const
  t.same(lineOf({ kind: 'session_not_issued', useCase, fault }), {
    level: 'warn',
    event: 'session_not_issued',
    use_case: useCase,
    fault: 'merchant_refused',
    upstream_status: 403,
    upstream_code: 'forbidden',
    msg: 'Forage refuses the merchant account: compare issuing.merchantAccount with its dashboard',
  })
})
