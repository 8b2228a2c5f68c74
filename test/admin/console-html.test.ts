import t from 'tap'
import { escapeHtml, html } from '../../src/admin/console-html.ts'

t.test('no text can end an element or an attribute', async t => {
  t.equal(escapeHtml(`<a b='c' d="e">&amp;`), '&lt;a b=&#39;c&#39; d=&quot;e&quot;&gt;&amp;amp;')
  t.equal(escapeHtml('plain ✓ \u2028'), 'plain ✓ \u2028')
})

t.test('what is put into a template is escaped, and what came out of one is not again', async t => {
  const inner = html`<b>${'<i>'}</b>`
  t.equal(
    html`<p title="${'"'}">${inner}${[inner, html``]}${3}</p>`.text,
    '<p title="&quot;"><b>&lt;i&gt;</b><b>&lt;i&gt;</b>3</p>',
  )
  t.equal(html`<p>${{ text: '<i>' } as unknown as string}</p>`.text.includes('<i>'), false, 'a look-alike is no HTML')
})
