/** A request as far as the decision looks at it: everything but its body. */
export interface RequestHead {
  readonly method: string
  /** The request-target exactly as received (RFC 9112 §3.2). It is forwarded as it is, or the request is refused. */
  readonly target: string
  /** Field lines as received, in order and spelling: name, value, name, value … */
  readonly fields: readonly string[]
  /** Address of the client, without port. */
  readonly clientAddress: string
  readonly scheme: 'http' | 'https'
  readonly ids: RequestIds
}

/** Identifiers that the host gives a request. The gate draws no random numbers of its own. */
export interface RequestIds {
  readonly requestId: string
  /** 32 lower-case hex digits; used unless the client sent a valid `traceparent`. */
  readonly traceId: string
  /** 16 lower-case hex digits: the gateway's own span. */
  readonly spanId: string
  /** Of the same form: the span of the call of Forage. Default: the gateway has the one span only. */
  readonly clientSpanId?: string
}
