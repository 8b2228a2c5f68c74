const faults: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'this process may not read it',
  EPERM: 'this process may not read it',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of its path is no folder',
  ELOOP: 'its symbolic links lead in a circle',
  ENAMETOOLONG: 'its name is too long',
  ERR_ENCODING_INVALID_ENCODED_DATA: 'it is not UTF-8 text',
}

/** Why a file could not be read, in words. The system's own message would repeat the path, which may be a secret put in the wrong place. */
export function fileFault(cause: unknown): string {
  const code = (cause as { readonly code?: unknown } | null)?.code
  return faults[String(code)] ?? `the system says ${String(code)}`
}
