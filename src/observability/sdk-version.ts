/** A version looks like `4.5.1` or `4.5.1-beta2`, which no card number does. Anything else that a client put there is left out. */
export function versionOnly(text: string | undefined): string | undefined {
  return text !== undefined && /^\d{1,3}(?:\.\d{1,4}){1,2}(?:-[a-z]{1,8}\.?\d{0,2})?$/.test(text) ? text : undefined
}
