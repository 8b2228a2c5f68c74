import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { packageFile, packageVersion } from '../config/package-files.ts'
import type { AdminRoute } from './admin-call.ts'

/** An OpenAPI 3.1 document, as far as anything here looks into it. */
export interface OpenApiDocument {
  readonly openapi: string
  readonly info: Readonly<Record<string, unknown>>
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

/** Reads `docs/admin-api.yaml`, the description of the admin API, and gives it the version of this package. */
export function readOpenApi(): OpenApiDocument {
  const document = parse(readFileSync(packageFile('docs', 'admin-api.yaml'), 'utf8')) as OpenApiDocument
  return { ...document, info: { ...document.info, version: packageVersion() } }
}

/** `GET /openapi.json`. The document is read when it is first asked for. */
export function openapiRoutes(): readonly AdminRoute[] {
  let document: OpenApiDocument | undefined
  return [
    {
      method: 'GET',
      path: '/openapi.json',
      isProtected: false,
      answer() {
        document ??= readOpenApi()
        return { status: 200, body: document }
      },
    },
  ]
}
