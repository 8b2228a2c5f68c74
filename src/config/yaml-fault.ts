/** What each error code of the YAML parser means for whoever wrote the file. */
const faults: Readonly<Record<string, string>> = {
  BAD_ALIAS: 'a value that begins with "*" is an alias without an anchor: put it in quotes',
  BAD_COLLECTION_TYPE: 'a tag does not fit its value: remove the tag',
  BAD_DQ_ESCAPE: 'a backslash in double quotes begins no known escape: use single quotes',
  BAD_INDENT: 'is not indented as expected: align it with its neighbours, and close every bracket above',
  BAD_SCALAR_START: 'a value begins with a character that YAML reserves: put it in quotes',
  BLOCK_AS_IMPLICIT_KEY: 'two "key: value" pairs stand on one line: write each on its own, or put the value in quotes',
  BLOCK_IN_FLOW: 'a "- item" or "key:" block stands inside [ ] or { }: write it with commas',
  DUPLICATE_KEY: 'the same key stands twice: keep one',
  MISSING_CHAR: 'a closing quote, bracket, comma or colon is missing here or above',
  MULTILINE_IMPLICIT_KEY: 'a key goes over more than one line: a ":" is missing here or above',
  MULTIPLE_DOCS: 'a second document begins with "---": keep one document per file',
  NON_STRING_KEY: 'a key is not text: put it in quotes',
  TAB_AS_INDENT: 'is indented with a tab: use spaces',
  TAG_RESOLVE_FAILED: 'has a tag ("!…") that is not known: remove it, or put the value in quotes',
  UNEXPECTED_TOKEN: 'something stands here that YAML does not expect: check quotes, brackets and indentation',
}

/** A sentence about a YAML error. The parser's own message may quote the text around it, and that may be a secret. */
export function yamlFault(code: string): string {
  return faults[code] ?? 'is not valid YAML: check quotes, brackets and indentation'
}
