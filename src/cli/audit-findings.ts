/** What can be wrong with a trail, and what that means. */
export const findingMeanings = {
  changed: 'was changed after it was written: its hash does not fit',
  replaced: 'does not hold the hash of the line before it: one of the two was replaced, and its hash with it',
  missing: 'does not follow the line before it: lines between them were removed',
  reordered: 'does not stand where it was written',
  inserted: 'was put in: the trail goes on without it',
  unreadable: 'is no line of a trail: it was overwritten, or put in',
  overlong: 'is longer than any line of a trail',
  half_line: 'is half a line: a write broke off, or the end of the file was cut off',
  cut_missing: 'tells of half a line before it that is not there',
  respelled: 'is not spelled as the gateway spells it: programs may read it in different ways',
  new_chain: 'begins a new chain: nothing links it with what stood before (--restarts accepts that)',
  other_chain: 'is of another chain, whose beginning is missing',
  not_keyed: 'is not keyed: anybody who can write to the file could have written it',
  key_missing: 'could not be checked: its key was not given, or its algorithm is not known',
  end_missing: 'is the last, and no line has the expected hash: the end was cut off or replaced',
  empty: 'there is no line of a trail at all',
} as const
export type FindingKind = keyof typeof findingMeanings

/** Where a line stands. */
export interface Place {
  readonly file: string
  /** From 1. */
  readonly line: number
}

/** Sequence numbers, the last one included. */
export interface SeqRange {
  readonly from: number
  readonly to: number
}

/** Something that is wrong. It may turn out later to be less, or something else. */
export interface Finding {
  kind: FindingKind
  readonly place: Place
  /** How many lines it is about, from that place on. */
  lines: number
  /** Sequence numbers of these lines; where lines are missing, of those. */
  seq: SeqRange | undefined
}

/** Most findings that are kept; more are counted. */
const maxFindings = 1000

/** Gathers what is wrong. */
export class Findings {
  #all: Finding[] = []
  #more = 0

  /** Those that still hold, in the order of the files. */
  get all(): readonly Finding[] {
    return this.#all
  }

  get count(): number {
    return this.#all.length + this.#more
  }

  /** How many there are besides. */
  get more(): number {
    return this.#more
  }

  add(kind: FindingKind, place: Place, seq?: SeqRange): Finding {
    const finding: Finding = { kind, place, lines: 1, seq }
    if (this.#all.length < maxFindings) this.#all.push(finding)
    else this.#more++
    return finding
  }

  /** One more line of the same: adds it to the finding before, where that ends with the line before. */
  extend(kind: FindingKind, place: Place, seq?: number): Finding {
    const last = this.#all.at(-1)
    const continues =
      last?.kind === kind && last.place.file === place.file && last.place.line + last.lines === place.line
    const isNext = seq === undefined ? last?.seq === undefined : last?.seq?.to === seq - 1
    if (!last || !continues || !isNext || this.#more > 0)
      return this.add(kind, place, seq === undefined ? undefined : { from: seq, to: seq })
    last.lines++
    if (last.seq && seq !== undefined) last.seq = { from: last.seq.from, to: seq }
    return last
  }

  /** It turned out to be nothing. */
  remove(finding: Finding): void {
    if (this.#all.includes(finding)) this.#all = this.#all.filter(other => other !== finding)
    else this.#more--
  }
}
