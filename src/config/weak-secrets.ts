/** Words that samples, tutorials and tools put where a secret belongs. */
const sampleWords =
  /your|my|super|secret|string|key|password|passw0rd|changeme|change|please|example|sample|default|jwt|hmac|bit|long|least|qwerty|letmein|admin/gi

/** What was drawn at random has more different octets than this, also in hexadecimal. */
const minDifferentOctets = 8

/** A secret that has less of its own than this, once those words and all digits and marks are gone, is everybody's. */
const minOwnLetters = 6

/**
 * Why a shared secret could be guessed, as a sentence that says what to do; undefined when nothing is held against it.
 *
 * @param minOctets RFC 7518 §3.2: as many as the digest has
 */
export function weaknessOf(secret: Uint8Array, minOctets: number): string | undefined {
  if (secret.length < minOctets) return `is too short: use a secret of at least ${minOctets} octets (RFC 7518 §3.2)`
  if (new Set(secret).size < minDifferentOctets) return 'repeats itself: make one with "openssl rand -base64 48"'
  const text = Buffer.from(secret).toString('latin1')
  const own = text.replace(sampleWords, '').replace(/[0-9\s!-/:-@[-`{-~]/g, '')
  if (own.length >= minOwnLetters) return undefined
  return 'is a sample that everybody knows: make one with "openssl rand -base64 48"'
}
