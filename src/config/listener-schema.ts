import { z } from 'zod'
import { type Front, fronts } from './config.ts'
import { cidr, filePath, hostName, portNumber } from './schema-values.ts'
import { type SecretSource, secret } from './secret-schema.ts'

interface AddressDocument {
  readonly host: string
  readonly port: number
}

export interface TlsDocument {
  readonly certFile: string
  readonly keyFile: string
  readonly clientCaFile: string | null
}

export interface ListenDocument extends AddressDocument {
  readonly tls: TlsDocument | null
  readonly trustedProxies: readonly string[]
}

const tls = z.strictObject({
  certFile: filePath('PEM file with the certificate and its chain.'),
  keyFile: filePath('PEM file with the private key.'),
  clientCaFile: filePath('PEM file with the authority that client certificates must come from.')
    .nullable()
    .default(null),
})

export const listenSchema: z.ZodType<ListenDocument> = z
  .strictObject({
    host: hostName().default('0.0.0.0').describe('Address to listen on. 127.0.0.1: this machine only.'),
    port: portNumber().default(8080).describe('Port to listen on; 0 picks a free one, which is printed.'),
    tls: tls
      .nullable()
      .default(null)
      .describe('Serves https; files that change are read again. Null: plain http, for a network that is trusted.'),
    trustedProxies: z
      .array(cidr())
      .default([])
      .describe('Networks of proxies in front whose X-Forwarded-For is believed. Empty: none.'),
  })
  .prefault({})
  .describe('Where client apps connect.')

export interface AdminDocument extends AddressDocument {
  readonly token: SecretSource | null
}

export const adminSchema: z.ZodType<AdminDocument | null> = z
  .strictObject({
    host: hostName().default('127.0.0.1').describe('Address of the admin listener.'),
    port: portNumber().default(9090).describe('Port of the admin listener.'),
    token: secret('Bearer token for everything that changes state.').nullable().default(null),
  })
  .nullable()
  .prefault({})
  .describe('Health, metrics, status and revocation, on a port of their own. Null: none.')

export interface ForwardAuthDocument extends AddressDocument {
  readonly front: Front
}

export const forwardAuthSchema: z.ZodType<ForwardAuthDocument | null> = z
  .strictObject({
    host: hostName().default('127.0.0.1').describe('Address for the proxies that ask.'),
    port: portNumber().default(9091).describe('Port for the proxies that ask.'),
    front: z
      .enum(fronts)
      .default('caddy')
      .describe('Who asks: its fields tell what the original request was, and no other fields do.'),
  })
  .nullable()
  .default(null)
  .describe('External authorizer for nginx, Caddy, Traefik and Envoy. Null: off.')
