/** What the platform offers, if anything. */
export interface RandomSource {
  readonly randomUUID?: () => string
  readonly getRandomValues?: (octets: Uint8Array<ArrayBuffer>) => unknown
}

/**
 * Picks the best source of random UUIDs (RFC 9562 §5.4). `randomUUID` is missing in pages that were not loaded over
 * https, and React Native has neither without a polyfill.
 *
 * @param source default: the platform's `crypto`
 * @throws TypeError where there is none; a guessable key could be used up by somebody else
 */
export function createKeySource(
  source: RandomSource | undefined = globalThis.crypto as RandomSource | undefined,
): () => string {
  // Called as methods: the platform's refuse to be called otherwise.
  if (typeof source?.randomUUID === 'function') return () => (source as Required<RandomSource>).randomUUID()
  if (typeof source?.getRandomValues === 'function') return () => uuidFrom(source as Required<RandomSource>)
  throw new TypeError(
    'randomKey: is required, since this platform has no crypto.getRandomValues ' +
      '(React Native: import react-native-get-random-values first)',
  )
}

function uuidFrom(source: Required<RandomSource>): string {
  const octets = new Uint8Array(16)
  source.getRandomValues(octets)
  const digits = Array.from(octets, octet => octet.toString(16).padStart(2, '0')).join('')
  const variant = ((octets[8] as number) & 0x3f) | 0x80
  return [
    digits.slice(0, 8),
    digits.slice(8, 12),
    `4${digits.slice(13, 16)}`,
    `${variant.toString(16)}${digits.slice(18, 20)}`,
    digits.slice(20),
  ].join('-')
}
