/** A body as it was when the app gave it. */
export interface KeptBody {
  readonly body: RequestInit['body'] | undefined
  /** What `fetch` would have said about the original; undefined where it says so itself. */
  readonly contentType?: string
  readonly isReplayable: boolean
}

/**
 * Keeps a body for a replay. What the app can change while its request waits is copied; `FormData` is not, since React
 * Native has one that cannot be read. A stream, or anything that is not known, can be sent once.
 */
export function keepBody(body: RequestInit['body'] | undefined): KeptBody {
  if (body == null || typeof body === 'string') return { body, isReplayable: true }
  if (isA(body, 'URLSearchParams')) {
    const contentType = 'application/x-www-form-urlencoded;charset=UTF-8'
    return { body: String(body), contentType, isReplayable: true }
  }
  if (ArrayBuffer.isView(body)) {
    const { buffer, byteOffset, byteLength } = body
    return { body: new Uint8Array(buffer.slice(byteOffset, byteOffset + byteLength)), isReplayable: true }
  }
  if (isA(body, 'ArrayBuffer')) return { body: (body as ArrayBuffer).slice(0), isReplayable: true }
  return { body, isReplayable: isA(body, 'Blob') || isA(body, 'File') || isA(body, 'FormData') }
}

/** By name, for objects of another realm, or by class, for platforms whose objects do not say their name. */
function isA(value: object, name: 'URLSearchParams' | 'ArrayBuffer' | 'Blob' | 'File' | 'FormData'): boolean {
  if (Object.prototype.toString.call(value) === `[object ${name}]`) return true
  const type: unknown = (globalThis as Record<string, unknown>)[name]
  return typeof type === 'function' && value instanceof type
}
