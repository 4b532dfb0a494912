import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { processTree } from './process-cost.ts'

/** A gateway under measurement: listens on `port`, forwards everything to the upstream. */
export interface Subject {
  readonly name: string
  readonly command: (place: Place) => readonly string[]
}

export interface Place {
  /** Scratch folder. */
  readonly folder: string
  readonly port: number
  readonly upstream: number
}

const root = fileURLToPath(new URL('../../../', import.meta.url))

/** Fails with the Debian package that brings the tool. */
export function need (tool: string, aptPackage: string): void {
  try {
    execFileSync('which', [tool], { stdio: 'ignore' })
  } catch {
    throw new Error(`this benchmark needs ${tool}: apt-get install ${aptPackage}`)
  }
}

/** Fails with the Debian package that brings the file. */
export function needFile (file: string, aptPackage: string): void {
  if (!existsSync(file)) throw new Error(`this benchmark needs ${file}: apt-get install ${aptPackage}`)
}

function peerFile (name: string, { folder, port, upstream }: Place): string {
  const file = join(folder, name)
  const text = readFileSync(join(root, 'test/bench/peers', name), 'utf8')
  writeFileSync(file, text.replaceAll('@OUT@', folder).replaceAll('@PORT@', String(port)).replaceAll('@UPSTREAM@', String(upstream)))
  return file
}

/** Compiles a document into the place's folder, in a process of its own as CI does, and returns the bundle's file. */
export function compileBundle ({ folder }: Place, document: object, name = 'gateway.bundle.json'): string {
  const file = join(folder, 'gateway.config.json')
  writeFileSync(file, JSON.stringify(document))
  const bundle = join(folder, name)
  execFileSync(process.execPath, [join(root, 'dist/compiler/cli.js'), 'compile', '--config', file, '--out', bundle], { stdio: ['ignore', 'ignore', 'inherit'] })
  return bundle
}

/** How `gwc serve` is started on a bundle. */
export function serveCommand (place: Place, bundle: string): readonly string[] {
  return [process.execPath, join(root, 'dist/compiler/cli.js'), 'serve', '--bundle', bundle, '--state-dir', join(place.folder, 'state')]
}

/** A bundle with `routes` routes besides those that the load uses, so that routing is part of what is measured. */
function compileGateway (place: Place, routes: number, listener: object = {}, connections: object = {}): string {
  const { port, upstream } = place
  const others = Array.from({ length: routes }, (_, n) => ({ match: `GET /api/v${n % 3}/service${n}/items/:id`, to: 'up' }))
  return compileBundle(place, {
    listeners: { public: { port, address: '127.0.0.1', ...listener } },
    upstreams: { up: { targets: [`http://127.0.0.1:${upstream}`], connections: { idle: '60s', ...connections } } },
    routes: [{ match: 'GET|POST /s', to: 'up' }, { match: 'GET /m', to: 'up' }, { match: 'GET /l', to: 'up' }, { match: 'GET /ws', to: 'up' }, ...others]
  })
}

export const gwc: Subject = {
  name: 'gwc',
  command: (place) => serveCommand(place, compileGateway(place, 100))
}
/** Every request in the full lane. */
export const gwcFull: Subject = {
  name: 'gwc, full lane',
  command: (place) => ['env', 'GWC_LANE=full', ...serveCommand(place, compileGateway(place, 100))]
}
export const gwcPipelining: Subject = {
  name: 'gwc, pipelining',
  command: (place) => serveCommand(place, compileGateway(place, 100, {}, { pipelining: 16 }))
}
export const gwcTls: Subject = {
  name: 'gwc, TLS',
  command: (place) => serveCommand(place, compileGateway(place, 100, { tls: { certificates: certificate(place) } }))
}
export const gwcTcp: Subject = {
  name: 'gwc, TCP',
  command (place) {
    const { port, upstream } = place
    return serveCommand(place, compileBundle(place, {
      listeners: { raw: { protocol: 'tcp', port, address: '127.0.0.1', to: 'up' } }, upstreams: { up: { targets: [`tcp://127.0.0.1:${upstream}`] } }, routes: []
    }))
  }
}
export const nginxTls: Subject = { name: 'nginx, TLS', command: (place) => { certificate(place); return ['nginx', '-e', join(place.folder, 'nginx.err'), '-c', peerFile('nginx-tls.conf', place)] } }
export const haproxyTls: Subject = { name: 'haproxy, TLS', command: (place) => { certificate(place); return ['haproxy', '-db', '-f', peerFile('haproxy-tls.cfg', place)] } }
export const nginxTcp: Subject = { name: 'nginx, TCP', command: (place) => ['nginx', '-e', join(place.folder, 'nginx.err'), '-c', peerFile('nginx-stream.conf', place)] }
export const haproxyTcp: Subject = { name: 'haproxy, TCP', command: (place) => ['haproxy', '-db', '-f', peerFile('haproxy-tcp.cfg', place)] }
export const caddy: Subject = { name: 'caddy', command: (place) => ['env', 'GOMAXPROCS=1', 'caddy', 'run', '--adapter', 'caddyfile', '--config', peerFile('Caddyfile', place)] }
export const fastGateway: Subject = {
  name: 'fast-gateway',
  command: ({ port, upstream }) => [process.execPath, join(root, 'dist/test/bench/peers/fast-gateway.js'), String(port), String(upstream)]
}

/** A certificate of the place, as files for every subject; returns the folder that has it alone. */
function certificate ({ folder }: Place): string {
  const own = join(folder, 'certificates')
  mkdirSync(own, { recursive: true })
  const [crt, key] = [join(own, 'tls.crt'), join(own, 'tls.key')]
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', key, '-out', crt, '-days', '2', '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'], { stdio: 'ignore' })
  writeFileSync(join(folder, 'tls.crt'), readFileSync(crt))
  writeFileSync(join(folder, 'tls.key'), readFileSync(key))
  writeFileSync(join(folder, 'tls.pem'), Buffer.concat([readFileSync(crt), readFileSync(key)]))
  return own
}

export const nginx: Subject = { name: 'nginx', command: (place) => ['nginx', '-e', join(place.folder, 'nginx.err'), '-c', peerFile('nginx.conf', place)] }
export const haproxy: Subject = { name: 'haproxy', command: (place) => ['haproxy', '-db', '-f', peerFile('haproxy.cfg', place)] }
export const fastifyHttpProxy: Subject = {
  name: '@fastify/http-proxy',
  command: ({ port, upstream }) => [process.execPath, join(root, 'dist/test/bench/peers/fastify-http-proxy.js'), String(port), String(upstream)]
}

export async function portOpen (port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
}

/** Starts a subject on one processor and waits until it accepts connections. */
export async function start (subject: Subject, place: Place, cpu: number): Promise<ChildProcess> {
  mkdirSync(place.folder, { recursive: true })
  const log = openSync(join(place.folder, `${subject.name.replaceAll('/', '-')}.log`), 'w')
  const child = spawn('taskset', ['-c', String(cpu), ...subject.command(place)], { stdio: ['ignore', log, log] })
  for (let attempt = 0; attempt < 200; attempt++) {
    if (await portOpen(place.port)) return child
    if (child.exitCode !== null) break
    await delay(50)
  }
  throw new Error(`${subject.name} did not start: see ${place.folder}`)
}

/** Ends a subject and what it started. */
export async function stop (child: ChildProcess, port: number): Promise<void> {
  const pids = processTree(child.pid!)
  child.kill('SIGTERM')
  for (let attempt = 0; attempt < 60 && child.exitCode === null && child.signalCode === null; attempt++) await delay(50)
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // Already gone.
    }
  }
  for (let attempt = 0; attempt < 100 && await portOpen(port); attempt++) await delay(50)
}
