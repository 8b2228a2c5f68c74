import type { Front } from '../../src/hosts/forward-auth-front.ts'
import { aLiveToken } from '../fixtures/live-token.ts'

/** A question as a front asks it: its line, and field lines. */
export interface Question {
  readonly method: string
  readonly target: string
  readonly lines: readonly (readonly [name: string, value: string])[]
}

const asked: Readonly<Record<Front, Question>> = {
  nginx: {
    method: 'GET',
    target: '/decide',
    lines: [
      ['X-Original-Method', 'GET'],
      ['X-Original-URI', '/api/orders/abc/?a=1'],
      ['X-Forwarded-Host', 'gateway.test'],
      ['X-Forwarded-Proto', 'https'],
      ['X-Forwarded-For', '192.0.2.7'],
      ['Host', 'forage_gateway'],
    ],
  },
  caddy: {
    method: 'GET',
    target: '/decide?a=1',
    lines: [
      ['Host', 'gateway.test'],
      ['X-Forwarded-Method', 'GET'],
      ['X-Forwarded-Uri', '/api/orders/abc/?a=1'],
      ['X-Forwarded-Host', 'gateway.test'],
      ['X-Forwarded-Proto', 'https'],
      ['X-Forwarded-For', '192.0.2.7'],
      ['X-Original-Content-Length', ''],
    ],
  },
  traefik: {
    method: 'GET',
    target: '/decide',
    lines: [
      ['Host', '127.0.0.1:8081'],
      ['X-Forwarded-Method', 'GET'],
      ['X-Forwarded-Uri', '/api/orders/abc/?a=1'],
      ['X-Forwarded-Host', 'gateway.test'],
      ['X-Forwarded-Proto', 'https'],
      ['X-Forwarded-For', '192.0.2.7'],
      ['X-Forwarded-Port', '443'],
      ['X-Forwarded-Server', 'edge-1'],
      ['X-Real-Ip', '192.0.2.7'],
    ],
  },
  envoy: {
    method: 'GET',
    target: '/api/orders/abc/?a=1',
    lines: [
      ['Host', 'gateway.test'],
      ['X-Forwarded-Proto', 'https'],
      ['X-Forwarded-For', '198.51.100.1, 192.0.2.7'],
      ['Content-Length', '0'],
    ],
  },
}

export interface QuestionChanges {
  readonly method?: string
  readonly target?: string
  /** Names of lines to leave out. */
  readonly without?: readonly string[]
  /** Values in place of those of the front. */
  readonly changed?: Readonly<Record<string, string>>
  /** Lines that come on top, of the front or of its client. */
  readonly added?: readonly (readonly [name: string, value: string])[]
  /** `''`: none. Default: a valid session token. */
  readonly authorization?: string
}

/** A question about a request that the gate allows, as octets; change one part per test. */
export function aQuestion(front: Front, changes: QuestionChanges = {}): string {
  const { method, target, lines } = { ...asked[front], ...changes, lines: asked[front].lines }
  const { without = [], changed = {}, added = [], authorization = `Bearer ${aLiveToken()}` } = changes
  const all = [
    ...lines.filter(([name]) => !without.includes(name)).map(([name, value]) => [name, changed[name] ?? value]),
    ...(authorization === '' ? [] : [['Authorization', authorization]]),
    ...added,
  ]
  return `${method} ${target} HTTP/1.1\r\n${all.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`
}

/** How a front tells of the method and target of a request: what to change in its question. */
export function askingFor(front: Front, method: string, target: string): QuestionChanges {
  if (front === 'envoy') return { method, target }
  const mark = target.indexOf('?')
  const query = front === 'caddy' && mark >= 0 ? target.slice(mark) : ''
  const [methodField, targetField] =
    front === 'nginx' ? ['X-Original-Method', 'X-Original-URI'] : ['X-Forwarded-Method', 'X-Forwarded-Uri']
  return { target: `/decide${query}`, changed: { [methodField]: method, [targetField]: target } }
}
