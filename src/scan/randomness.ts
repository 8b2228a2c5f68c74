/** Words that nobody draws at random. */
const placeholder = /example|placeholder|change_?me|sample|dummy|redacted|secret|password|your/i
const lettersAndDigits = /[A-Za-z0-9]{16,}/g
const hexadecimal = /^[0-9a-f]+$/i

/**
 * Whether a text of letters and digits was drawn by a machine. Words, identifiers, placeholders, sequences and hashes
 * were not.
 *
 * @param text at least 16 characters
 */
export function looksRandom(text: string): boolean {
  if (!isVaried(text) || hexadecimal.test(text) || isSequence(text) || placeholder.test(text)) return false
  const changes = classChanges(text) / text.length
  return changes >= 1 / 6 && !(changes < 0.45 && readsLikeWords(text))
}

/** Whether a text has letters and digits in a row that look random, whatever stands around them. */
export function hasRandomRun(text: string): boolean {
  return text.match(lettersAndDigits)?.some(looksRandom) ?? false
}

/** The same as `looksRandom` for text that can only be drawn from all 62 letters and digits: more is asked of it. */
export function looksRandomOf62(text: string): boolean {
  const capitals = text.match(/[A-Z]/g)?.length ?? 0
  const small = text.match(/[a-z]/g)?.length ?? 0
  return looksRandom(text) && capitals >= 3 && small >= 3 && classChanges(text) >= text.length / 3
}

/**
 * Whether the characters are spread as widely as chance spreads them: at least four fifths of the entropy (Shannon's,
 * in bits per character) that so short a text can have.
 *
 * @param text in ASCII, at most 65,535 characters
 */
export function isVaried(text: string): boolean {
  const counts = new Uint16Array(128)
  for (let at = 0; at < text.length; at++) (counts[text.charCodeAt(at) & 127] as number)++
  let repeated = 0
  for (const count of counts) if (count > 1) repeated += count * Math.log2(count)
  const entropy = Math.log2(text.length) - repeated / text.length
  return entropy >= 0.8 * Math.log2(Math.min(text.length, 62))
}

/** Whether much of a text counts upwards, as `abcdefgh` and `01234567` do. */
function isSequence(text: string): boolean {
  let steps = 0
  for (let at = 1; at < text.length; at++) if (text.charCodeAt(at) === text.charCodeAt(at - 1) + 1) steps++
  return steps >= text.length / 4
}

/** Two thirds of the letters of an English text are these eight; of a random one, three in ten. */
const frequentLetters = /[etaoinsr]/gi

function readsLikeWords(text: string): boolean {
  const letters = text.replace(/\d/g, '').length
  return (text.match(frequentLetters)?.length ?? 0) >= 0.55 * letters
}

/**
 * How often capitals, small letters and digits take turns: all the time in random text, with each word in camelCase.
 */
function classChanges(text: string): number {
  let changes = 0
  for (let at = 1; at < text.length; at++)
    if (classOf(text[at] as string) !== classOf(text[at - 1] as string)) changes++
  return changes
}

function classOf(character: string): 'digit' | 'capital' | 'small' {
  if (character <= '9') return 'digit'
  return character <= 'Z' ? 'capital' : 'small'
}
