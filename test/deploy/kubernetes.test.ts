import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parse, parseAllDocuments } from 'yaml'
import { missingExtra } from '../fixtures/real-part.ts'
import { loadSample } from './sample-config.ts'

const folder = 'deploy/kubernetes'
const configFiles = ['gateway.yaml', 'policy.yaml']

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string }
}

interface Container {
  readonly startupProbe: Probe
  readonly livenessProbe: Probe
  readonly readinessProbe: Probe
  readonly resources: { readonly limits: object }
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string; readonly subPath?: string }[]
}

interface Pod {
  readonly terminationGracePeriodSeconds: number
  readonly containers: readonly [Container]
}

const read = (file: string): string => readFileSync(join(folder, file), 'utf8')
const deployment = parse(read('deployment.yaml')) as { spec: { replicas?: number; template: { spec: Pod } } }
const pod = deployment.spec.template.spec
const [container] = pod.containers

t.test('a pod runs as nobody, with a file system that cannot be written to and no way to more rights', async t => {
  t.match(pod, {
    automountServiceAccountToken: false,
    securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: 'RuntimeDefault' } },
  })
  t.match(container, {
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
  })
  t.same(Object.keys(container.resources.limits), ['memory'])
})

t.test('a pod that drains is alive but not ready, and is given the time that it needs', async t => {
  const { startupProbe, livenessProbe, readinessProbe } = container
  t.same(
    [startupProbe, livenessProbe, readinessProbe].map(({ httpGet }) => httpGet),
    [
      { path: '/livez', port: 'admin' },
      { path: '/livez', port: 'admin' },
      { path: '/readyz', port: 'admin' },
    ],
  )
  const { config, longestEndMs } = loadSample(t, join(folder, 'gateway.yaml'))
  t.equal(longestEndMs, 42_000)
  t.ok(pod.terminationGracePeriodSeconds * 1000 > longestEndMs)
  const { periodSeconds, timeoutSeconds, failureThreshold } = readinessProbe as unknown as Record<string, number>
  const noticedMs = ((periodSeconds ?? 0) + (timeoutSeconds ?? 0)) * (failureThreshold ?? 0) * 1000
  t.ok((config.lameDuckMs ?? 0) > noticedMs, 'it serves on until the probes have seen it')
})

t.test('the configuration is fit to run where probes, clients and secrets are', async t => {
  const { config, secretFiles } = loadSample(t, join(folder, 'gateway.yaml'))
  t.match(config, { listen: { host: '0.0.0.0', port: 8080 }, admin: { host: '0.0.0.0', port: 9090 } })
  const mount = container.volumeMounts.find(({ name }) => name === 'secrets')
  t.ok(secretFiles.every(file => file.startsWith(`${mount?.mountPath}/`)))
  t.ok(container.volumeMounts.every(({ subPath }) => subPath === undefined))
  t.equal(read('policy.yaml'), readFileSync('config/policy.yaml', 'utf8'))
})

t.test('the network policy names everybody who gets to a port', async t => {
  const { spec } = parse(read('network-policy.yaml')) as { spec: NetworkPolicy }
  t.same(spec.policyTypes, ['Ingress', 'Egress'])
  t.same(
    spec.ingress.map(({ ports }) => ports.map(({ port }) => port)),
    [[8080], [9090]],
  )
  t.same(
    spec.egress.map(({ ports }) => ports.map(({ port }) => port)),
    [[53, 53], [443], [6379]],
  )
  t.ok([...spec.ingress.map(({ from }) => from), ...spec.egress.map(({ to }) => to)].every(peers => peers?.length))
})

t.test('every manifest is applied, and the autoscaler alone says how many replicas there are', async t => {
  const { resources } = parse(read('kustomization.yaml')) as { resources: string[] }
  const files = readdirSync(folder).filter(file => file !== 'kustomization.yaml' && !configFiles.includes(file))
  t.same([...resources].sort(), files.sort())
  t.equal(deployment.spec.replicas, undefined)
  t.equal((parse(read('autoscaler.yaml')) as { spec: { minReplicas: number } }).spec.minReplicas, 3)
  t.equal((parse(read('disruption-budget.yaml')) as { spec: { maxUnavailable: number } }).spec.maxUnavailable, 1)
})

t.test('kustomize puts all of it together', { skip: missingExtra('kubectl') }, async t => {
  const { stdout, stderr, status } = spawnSync('kubectl', ['kustomize', folder], { encoding: 'utf8' })
  t.equal(status, 0, stderr)
  const objects = parseAllDocuments(stdout).map(document => document.toJS() as { kind: string; metadata: object })
  t.same(objects.map(({ kind }) => kind).sort(), [
    'ConfigMap',
    'Deployment',
    'HorizontalPodAutoscaler',
    'Namespace',
    'NetworkPolicy',
    'PodDisruptionBudget',
    'Service',
    'Service',
  ])
  const config = objects.find(({ kind }) => kind === 'ConfigMap')
  t.match(config, { data: { 'gateway.yaml': read('gateway.yaml'), 'policy.yaml': read('policy.yaml') } })
})

interface Rule {
  readonly ports: readonly { readonly port: number }[]
  readonly from?: readonly object[]
  readonly to?: readonly object[]
}

interface NetworkPolicy {
  readonly policyTypes: readonly string[]
  readonly ingress: readonly Rule[]
  readonly egress: readonly Rule[]
}
