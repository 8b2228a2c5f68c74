import { type Html, html } from './console-html.ts'

/** The views, in the order of the navigation. The names are fragments of the page's URL. */
export const consoleViews = [
  { name: 'now', title: 'Now' },
  { name: 'policy', title: 'Policy' },
  { name: 'token', title: 'Token' },
  { name: 'explain', title: 'Explain' },
  { name: 'sessions', title: 'Sessions' },
  { name: 'configuration', title: 'Configuration' },
] as const

export type ConsoleView = (typeof consoleViews)[number]['name']

/** One view. Without the script all of them are shown, one after the other. */
export function viewSection(name: ConsoleView, heading: string, content: Html): Html {
  return html`
<section class="view" id="${name}" aria-labelledby="${name}-heading">
<h2 id="${name}-heading" tabindex="-1">${heading}</h2>
${content}
</section>`
}

/** What a table is made of. */
export interface TableParts {
  /** For screen readers, and the name of the place that scrolls where the table is too wide. */
  readonly caption: string
  readonly headings: readonly string[]
  /** The first cell of each names its row. */
  readonly rows: readonly (readonly (string | number | Html)[])[]
  /** Of the body, for the script. */
  readonly id?: string
}

export function table({ caption, headings, rows, id = '' }: TableParts): Html {
  return html`
<div class="scroll" role="region" tabindex="0" aria-label="${caption}">
<table>
<caption class="hidden">${caption}</caption>
<thead><tr>${headings.map(heading => html`<th scope="col">${heading}</th>`)}</tr></thead>
<tbody id="${id}">${rows.map(tableRow)}</tbody>
</table>
</div>`
}

function tableRow([first = '', ...cells]: readonly (string | number | Html)[]): Html {
  return html`<tr><th scope="row">${first}</th>${cells.map(cell => html`<td>${cell}</td>`)}</tr>`
}

/** A milliseconds figure as it is read at a glance; a dash where there is none. */
export function milliseconds(value: number | null): string {
  if (value === null) return '–'
  return value < 10 ? `${value.toFixed(1)} ms` : `${Math.round(value)} ms`
}
