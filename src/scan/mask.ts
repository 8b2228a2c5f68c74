/** Characters of a secret that are shown. At least sixteen stay hidden: nothing shorter is reported. */
const shownCharacters = 4

/**
 * What may be shown of a credential: enough for a person to find it at the place that is printed beside it. Never its
 * end, which is where signatures stand.
 *
 * @param prefix what says nothing secret, such as `sandbox_`
 */
export function mask(secret: string, prefix = ''): string {
  return `${prefix}${secret.slice(0, shownCharacters)}…`
}
