import { readdirSync, readFileSync } from 'node:fs'

/** A fenced block of a document. */
export interface Block {
  /** `docs/policy.md:12`, of its first line. */
  readonly place: string
  /** What stands after the fence; '' for none. */
  readonly language: string
  readonly text: string
}

/** A document without its blocks, and the blocks. */
export interface Document {
  readonly file: string
  /** Lines of blocks are empty, so that numbers stay. */
  readonly prose: string
  readonly blocks: readonly Block[]
}

/** Every document that comes with the package, by its path from the root. */
export const documents: readonly Document[] = ['.', 'docs', 'deploy', 'examples']
  .flatMap(folder =>
    readdirSync(folder, { recursive: folder !== '.', encoding: 'utf8' })
      .filter(name => name.endsWith('.md') && !name.includes('node_modules'))
      .map(name => (folder === '.' ? name : `${folder}/${name.replaceAll('\\', '/')}`)),
  )
  .sort()
  .map(file => ({ file, ...take(file, readFileSync(file, 'utf8')) }))

function take(file: string, text: string): Omit<Document, 'file'> {
  const blocks: Block[] = []
  const fence = /^( *)```(\w*)\n(.*?)^\1```$/gms
  const prose = text.replace(
    fence,
    (whole: string, indent: string, language: string, inner: string, offset: number) => {
      const line = text.slice(0, offset).split('\n').length + 1
      blocks.push({ place: `${file}:${line}`, language, text: inner.replaceAll(new RegExp(`^${indent}`, 'gm'), '') })
      return '\n'.repeat(whole.split('\n').length - 1)
    },
  )
  return { prose, blocks }
}

/** What stands in backticks in the prose, a table's escaped bars as bars. */
export function spansOf({ file, prose }: Document): readonly Block[] {
  return prose.split('\n').flatMap((line, index) =>
    [...line.matchAll(/(`+)(.+?)\1(?!`)/g)].map(([, , text = '']) => ({
      place: `${file}:${index + 1}`,
      language: '',
      text: text.trim().replaceAll('\\|', '|'),
    })),
  )
}

/** The names by which headings are linked to, as GitHub makes them. */
export function anchorsOf({ prose }: Document): ReadonlySet<string> {
  const headings = [...prose.matchAll(/^#+ (.+)$/gm)].map(([, text = '']) => text)
  return new Set(
    headings.map(text =>
      text
        .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  )
}
