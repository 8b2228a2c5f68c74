import type { RequestHead, RequestIds } from '../gate/request-head.ts'

/** A request as somebody asks about it. */
export interface AskedRequest {
  readonly method: string
  readonly target: string
  /** Adds `Authorization: Bearer` and this before the other fields. Default: nothing is added. */
  readonly token?: string | undefined
  /** Name, value, name, value … */
  readonly fields: readonly string[]
  /** Default: 127.0.0.1. */
  readonly clientAddress?: string | undefined
  /** Default: http. */
  readonly scheme?: RequestHead['scheme'] | undefined
}

/** The head that the gate decides about. Nobody has to write a `Host`, which every real request has. */
export function headOf(asked: AskedRequest, ids: RequestIds): RequestHead {
  const { method, target, token, fields, clientAddress = '127.0.0.1', scheme = 'http' } = asked
  const hasHost = fields.some((name, index) => index % 2 === 0 && name.toLowerCase() === 'host')
  return {
    method,
    target,
    fields: [
      ...(hasHost ? [] : ['Host', 'gateway.local']),
      ...(token === undefined ? [] : ['Authorization', `Bearer ${token}`]),
      ...fields,
    ],
    clientAddress,
    scheme,
    ids,
  }
}
