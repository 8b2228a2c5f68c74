import type { Command } from './command.ts'

/** A command by name. It is loaded when it runs: `--help` waits for no parser and no server. */
export interface CommandEntry {
  readonly name: string
  readonly summary: string
  load(): Promise<{ readonly command: Command }>
}

export const commands: readonly CommandEntry[] = [
  { name: 'start', summary: 'run the gateway', load: () => import('./start.ts') },
  {
    name: 'demo',
    summary: 'run the gateway against a simulator, with requests to try',
    load: () => import('./demo.ts'),
  },
  { name: 'simulator', summary: 'run a simulator of the Forage Payments API', load: () => import('./simulator.ts') },
  {
    name: 'check',
    summary: 'validate configuration and policy; prove what is refused',
    load: () => import('./check.ts'),
  },
  {
    name: 'routes',
    summary: 'show what session tokens may do; compare two policies',
    load: () => import('./routes.ts'),
  },
  { name: 'explain', summary: 'show how the gateway decides about a request', load: () => import('./explain.ts') },
  {
    name: 'test-policy',
    summary: 'run test cases of a policy',
    load: () => import('./test-policy.ts'),
  },
  {
    name: 'replay',
    summary: 'show what an access log would meet under another policy',
    load: () => import('./replay.ts'),
  },
  { name: 'token', summary: 'token inspect: show what a token says', load: () => import('./token.ts') },
  { name: 'scan', summary: 'find leaked credentials in files', load: () => import('./scan.ts') },
  { name: 'audit', summary: 'audit verify: find what was changed in an audit trail', load: () => import('./audit.ts') },
  { name: 'schema', summary: 'print the JSON Schema of the configuration', load: () => import('./schema.ts') },
]
