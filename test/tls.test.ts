import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { copyFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { Agent, request } from 'node:https'
import net from 'node:net'
import { join } from 'node:path'
import tls from 'node:tls'
import type { ConnectionOptions, TLSSocket } from 'node:tls'
import test from 'ava'
import type { ExecutionContext } from 'ava'
import type { RuntimeEvent } from '../runtime/events.ts'
import { programSource } from '../runtime/sources/program.ts'
import { startRuntime } from '../runtime/start.ts'
import { RawClient } from './support/data-path.ts'
import { bundleOf, revised, startUpstream, temporaryFolder, until } from './support/live.ts'
import { createAuthority } from './support/openssl.ts'

/* TLS of clients end to end: certificates made for the test, real handshakes, a running gateway. */

const shared = temporaryFolder()
const authority = createAuthority(join(shared.folder, 'authority'))
const certificates = join(shared.folder, 'certificates')
authority.issue(certificates, 'a', ['a.example.com'])
authority.issue(certificates, 'b', ['*.example.com', 'example.com'])
authority.issue(join(shared.folder, 'clients'), 'client', ['client.example.com'])
const clientPair = { cert: readFileSync(join(shared.folder, 'clients/client.crt')), key: readFileSync(join(shared.folder, 'clients/client.key')) }
test.after.always(shared.remove)

async function serve (t: ExecutionContext, listener: object, env: Record<string, string> = {}, target?: string) {
  const upstream = await startUpstream((req, res) => {
    req.resume()
    const { headers } = req
    res.end(JSON.stringify({ url: req.url, proto: headers['x-forwarded-proto'], for: headers['x-forwarded-for'], cert: headers['client-cert'], chain: headers['client-cert-chain'] }))
  })
  t.teardown(upstream.close)
  const { folder, remove } = temporaryFolder()
  const source = programSource('the test')
  const events: RuntimeEvent[] = []
  let sequence = 0
  const textOf = async (options: object): Promise<string> => revised(await bundleOf({
    listeners: { public: { port: 0, address: '127.0.0.1', ...options } }, upstreams: { app: { targets: [target ?? upstream.url] } }, routes: [{ match: '/*', to: 'app' }]
  }), ++sequence)
  const offer = async (options: object) => await source.offer(await textOf(options))
  void source.offer(await textOf(listener))
  const runtime = await startRuntime({ source, stateFolder: folder, env, event: (event) => { events.push(event) } })
  t.teardown(async () => {
    await runtime.close(0)
    remove()
  })
  return { runtime, events, offer, port: (await runtime.status()).listeners[0]?.port ?? 0 }
}

async function handshake (port: number, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = tls.connect({ port, host: '127.0.0.1', ca: authority.certificate, servername: 'a.example.com', ...options })
  await new Promise<void>((resolve, reject) => {
    socket.once('secureConnect', resolve)
    socket.once('error', reject)
    socket.once('close', () => { reject(new Error('closed')) })
  })
  return socket
}

/** Sends a request and reads until the body is whole. */
async function ask (socket: net.Socket, host = 'a.example.com', fields = '', path = '/'): Promise<string> {
  socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\n${fields}\r\n`)
  let text = ''
  while (!/\r\n\r\n/.test(text) || text.length < text.indexOf('\r\n\r\n') + 4 + Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0)) {
    const [part] = await Promise.race([once(socket, 'data'), once(socket, 'close').then(() => [undefined])]) as [Buffer | undefined]
    if (part === undefined) break
    text += part.toString()
  }
  return text
}

const bodyOf = (text: string): Record<string, string | undefined> => JSON.parse(/\r\n\r\n(\{.*\})/s.exec(text)![1]!) as Record<string, string>
const names = (socket: TLSSocket): string => socket.getPeerCertificate().subject.CN as string

test('the certificate is chosen by the name asked for: exact, then wildcard; other names are refused', async (t) => {
  const { port } = await serve(t, { tls: { certificates } })
  const sockets = new Map<string, string>()
  for (const servername of ['a.example.com', 'A.Example.COM', 'c.example.com', 'example.com']) {
    const socket = await handshake(port, { servername, rejectUnauthorized: servername !== 'A.Example.COM' })
    sockets.set(servername, names(socket))
    socket.destroy()
  }
  t.deepEqual([...sockets.values()], ['a.example.com', 'a.example.com', '*.example.com', '*.example.com'])
  for (const servername of ['other.test', 'x.y.example.com']) await t.throwsAsync(handshake(port, { servername, rejectUnauthorized: false }))
  const nameless = await handshake(port, { servername: '', checkServerIdentity: () => undefined })
  t.is(names(nameless), 'a.example.com')
  t.regex(await ask(nameless, 'whatever.test'), /^HTTP\/1\.1 200/)
  nameless.destroy()
})

test('unknown names get the first certificate where that is asked for', async (t) => {
  const { port } = await serve(t, { tls: { certificates, unknownHost: 'default' } })
  const socket = await handshake(port, { servername: 'other.test', rejectUnauthorized: false })
  t.is(names(socket), 'a.example.com')
  socket.destroy()
})

test('requests know that they came over TLS, and old versions of it are refused', async (t) => {
  const { port } = await serve(t, { tls: { certificates } })
  const socket = await handshake(port)
  t.is(socket.getProtocol(), 'TLSv1.3')
  const first = bodyOf(await ask(socket, 'a.example.com', 'X-Forwarded-Proto: http\r\nClient-Cert: :Zm9yZ2Vk:\r\nClient-Cert-Chain: :Zm9yZ2Vk:\r\n'))
  t.deepEqual(first, { url: '/', proto: 'https', for: '127.0.0.1' })
  t.is(bodyOf(await ask(socket, 'a.example.com', '', 'https://a.example.com/x')).url, '/x')
  socket.destroy()
  for (const maxVersion of ['TLSv1.1', 'TLSv1'] as const) await t.throwsAsync(handshake(port, { maxVersion, minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' }))
  const strict = await serve(t, { tls: { certificates, minVersion: '1.3' } })
  await t.throwsAsync(handshake(strict.port, { maxVersion: 'TLSv1.2' }))
})

test('a request for another host than the handshake was for is 421, and the connection lives on', async (t) => {
  const { port } = await serve(t, { tls: { certificates } })
  const socket = await handshake(port)
  t.regex(await ask(socket, 'c.example.com'), /^HTTP\/1\.1 421 [^]*"reason":"misdirected"/)
  t.regex(await ask(socket, 'a.example.com:8443'), /^HTTP\/1\.1 200/)
  socket.destroy()
  // The wildcard covers both.
  const wide = await handshake(port, { servername: 'c.example.com' })
  t.regex(await ask(wide, 'd.example.com'), /^HTTP\/1\.1 200/)
  t.regex(await ask(wide, 'x.d.example.com'), /^HTTP\/1\.1 421/)
  wide.destroy()
})

test('client certificates: required, optional, and passed on', async (t) => {
  const listener = (mode: string): object => ({ tls: { certificates, clientCertificates: { mode, ca: { $secret: 'CLIENTS' } } } })
  const required = await serve(t, listener('required'), { CLIENTS: authority.certificate })
  const refused = async (port: number, options: ConnectionOptions): Promise<boolean> => {
    // In TLS 1.3 the client is done before the server has looked.
    const socket = await handshake(port, options).catch(() => undefined)
    if (socket === undefined) return true
    socket.on('error', () => {})
    return await ask(socket).catch(() => '') === ''
  }
  t.true(await refused(required.port, {}))
  const known = await handshake(required.port, clientPair)
  const { cert } = bodyOf(await ask(known, 'a.example.com', 'Client-Cert: :Zm9yZ2Vk:\r\n'))
  const der = Buffer.from(cert!.slice(1, -1), 'base64')
  t.true(cert!.startsWith(':') && cert!.endsWith(':'))
  t.deepEqual(`-----BEGIN CERTIFICATE-----\n${der.toString('base64').replace(/(.{64})/g, '$1\n').trim()}\n-----END CERTIFICATE-----\n`, clientPair.cert.toString())
  known.destroy()

  const stranger = createAuthority(join(shared.folder, 'stranger'))
  stranger.issue(join(shared.folder, 'strangers'), 'x', ['x.test'])
  const strange = { cert: readFileSync(join(shared.folder, 'strangers/x.crt')), key: readFileSync(join(shared.folder, 'strangers/x.key')) }
  t.true(await refused(required.port, strange))
  const optional = await serve(t, listener('optional'), { CLIENTS: authority.certificate })
  t.true(await refused(optional.port, strange))
  const none = await handshake(optional.port)
  t.is(bodyOf(await ask(none)).cert, undefined)
  none.destroy()
})

test('new certificates are taken for new handshakes, open connections live on, and what cannot be used is not taken', async (t) => {
  const folder = join(shared.folder, 'changing')
  authority.issue(folder, 'only', ['a.example.com', 'old.example.com'])
  const { port, events } = await serve(t, { tls: { certificates: folder } })
  const open = await handshake(port)
  t.regex(await ask(open), /^HTTP\/1\.1 200/)
  authority.issue(join(shared.folder, 'next'), 'only', ['a.example.com', 'new.example.com'])
  for (const file of ['only.key', 'only.crt']) {
    copyFileSync(join(shared.folder, 'next', file), join(folder, `${file}.part`))
    renameSync(join(folder, `${file}.part`), join(folder, file))
  }
  const newest = async (): Promise<string> => {
    const socket = await handshake(port)
    const { subjectaltname } = socket.getPeerCertificate()
    socket.destroy()
    return subjectaltname!
  }
  await until(newest, (found) => found.includes('new.example.com'), 'the new certificate')
  t.regex(await ask(open), /^HTTP\/1\.1 200/)
  writeFileSync(join(folder, 'only.crt'), 'no certificate')
  await until(async () => events.find(({ kind }) => kind === 'warning'), (event) => event !== undefined, 'the warning')
  t.regex(JSON.stringify(events.find(({ kind }) => kind === 'warning')), /only\.crt.*the certificates of before stay/)
  t.true((await newest()).includes('new.example.com'))
  t.regex(await ask(open), /^HTTP\/1\.1 200/)
  open.destroy()
})

test('certificates that cannot be used are refused before anything changes', async (t) => {
  const { port, offer, runtime } = await serve(t, { tls: { certificates } })
  const empty = join(shared.folder, 'empty')
  authority.issue(empty, 'x', ['x.test'])
  copyFileSync(join(certificates, 'a.key'), join(empty, 'x.key'))
  t.is((await offer({ tls: { certificates: empty } })).kind, 'rejected')
  t.regex((await runtime.status()).rejected!.rejection.reason, /listener public: .*x\.crt: the key does not belong to the certificate/)
  const socket = await handshake(port)
  t.regex(await ask(socket), /^HTTP\/1\.1 200/)
  socket.destroy()
})

test('a reload keeps connections, and new ones see the new TLS: even from clear text to TLS on one port', async (t) => {
  const { port, offer } = await serve(t, {})
  const clear = net.connect(port, '127.0.0.1')
  t.regex(await ask(clear), /^HTTP\/1\.1 200/)
  t.is((await offer({ tls: { certificates } })).kind, 'published')
  t.regex(await ask(clear), /^HTTP\/1\.1 200/)
  const secure = await handshake(port)
  t.regex(await ask(secure), /^HTTP\/1\.1 200/)
  t.is((await offer({ tls: { certificates, minVersion: '1.3' } })).kind, 'published')
  t.regex(await ask(secure), /^HTTP\/1\.1 200/)
  await t.throwsAsync(handshake(port, { maxVersion: 'TLSv1.2' }))
  clear.destroy()
  secure.destroy()
})

test('clients that are no TLS, or slow, harm nobody', async (t) => {
  // Long enough for the handshake of a good client on a busy machine.
  const { port, runtime } = await serve(t, { tls: { certificates }, timeouts: { head: '2s' } })
  const plain = new RawClient(port).send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  await plain.all()
  const slow = new RawClient(port).send('\x16\x03\x01')
  await slow.all()
  const socket = await handshake(port)
  t.regex(await ask(socket), /^HTTP\/1\.1 200/)
  socket.destroy()
  t.deepEqual((await runtime.status()).processes[0]!.exchanges, { ok: 1 })
})

test('redirects to https: the path as routed, the port as clients see it', async (t) => {
  const { port } = await serve(t, { redirect: {} })
  const client = net.connect(port, '127.0.0.1')
  t.regex(await ask(client, 'Shop.example.com:80', '', '/a/%7Eb/../c?x=1'), /^HTTP\/1\.1 308 [^]*\r\nLocation: https:\/\/shop\.example\.com\/a\/c\?x=1\r\n/i)
  client.destroy()
  const other = await serve(t, { redirect: { port: 8443, status: 301 } })
  const second = net.connect(other.port, '127.0.0.1')
  t.regex(await ask(second, 'a'), /^HTTP\/1\.1 301 [^]*\r\nLocation: https:\/\/a:8443\/\r\n/i)
  second.destroy()
})

test('PROXY protocol: the address it tells is the client, and nobody else may tell one', async (t) => {
  const { port } = await serve(t, { proxyProtocol: true, trustedProxies: ['127.0.0.0/8'] })
  const told = async (header: string | Buffer): Promise<string> => {
    const client = new RawClient(port)
    client.socket.write(header)
    client.send('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
    return await client.all()
  }
  t.is(bodyOf(await told('PROXY TCP4 203.0.113.7 127.0.0.1 1234 80\r\n')).for, '203.0.113.7')
  t.is(bodyOf(await told('PROXY TCP6 2001:db8::7 ::1 1234 80\r\n')).for, '2001:db8::7')
  t.is(bodyOf(await told('PROXY UNKNOWN\r\n')).for, '127.0.0.1')
  const v2 = Buffer.concat([Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1'), Buffer.from([0x21, 0x11, 0, 12, 203, 0, 113, 9, 127, 0, 0, 1, 4, 210, 0, 80])])
  t.is(bodyOf(await told(v2)).for, '203.0.113.9')
  for (const wrong of ['', 'PROXY TCP4 a b 1 2\r\n', `PROXY ${'x'.repeat(120)}`, v2.subarray(0, 12)]) t.is(await told(wrong), '')
  const untrusted = await serve(t, { proxyProtocol: true, trustedProxies: ['10.0.0.0/8'] })
  const client = new RawClient(untrusted.port).send('PROXY TCP4 203.0.113.7 127.0.0.1 1234 80\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n')
  t.is(await client.all(), '')
  const secure = await serve(t, { proxyProtocol: true, trustedProxies: ['127.0.0.1'], tls: { certificates } })
  const raw = net.connect(secure.port, '127.0.0.1')
  raw.write('PROXY TCP4 203.0.113.8 127.0.0.1 1234 80\r\n')
  const socket = await handshake(0, { socket: raw })
  t.is(bodyOf(await ask(socket)).for, '203.0.113.8')
  socket.destroy()
})

test('connections are limited, in all and of one address', async (t) => {
  const { port } = await serve(t, { limits: { connections: 2 } })
  const two = [net.connect(port, '127.0.0.1'), net.connect(port, '127.0.0.1')]
  for (const socket of two) t.regex(await ask(socket), /^HTTP\/1\.1 200/)
  t.is(await new RawClient(port).send('GET / HTTP/1.1\r\nHost: a\r\n\r\n').all(), '')
  two[0]!.destroy()
  const again = async (): Promise<string> => {
    const socket = net.connect(port, '127.0.0.1')
    socket.on('error', () => {})
    const text = await ask(socket).catch(() => '')
    socket.destroy()
    return text
  }
  await until(again, (text) => text.startsWith('HTTP/1.1 200'), 'room for another')
  two[1]!.destroy()
  const each = await serve(t, { limits: { connectionsPerAddress: 1 }, proxyProtocol: true, trustedProxies: ['127.0.0.1'] })
  const from = (address: string): RawClient => new RawClient(each.port).send(`PROXY TCP4 ${address} 127.0.0.1 1 2\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n`)
  const first = from('203.0.113.1')
  t.regex(await first.until((text) => text.includes('}')), /^HTTP\/1\.1 200/)
  t.is(await from('203.0.113.1').all(), '')
  t.regex(await from('203.0.113.2').until((text) => text.includes('}')), /^HTTP\/1\.1 200/)
})

/** Answers with the digest of what it was sent, or with what the path asks for; switches to an echo. Reads at its own pace. */
async function digestingTarget (t: ExecutionContext): Promise<string> {
  const server = createServer((req, res) => {
    if (req.url === '/large') return void res.end(pattern)
    const hash = createHash('sha256')
    req.on('data', (part: Buffer) => {
      hash.update(part)
      req.pause()
      setImmediate(() => { req.resume() })
    })
    req.on('end', () => { res.end(hash.digest('hex')) })
  })
  server.on('upgrade', (_req, socket, ahead) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n')
    socket.write(ahead)
    socket.pipe(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as net.AddressInfo).port}`
}

const pattern = Buffer.from(Uint8Array.from({ length: 3 * 1024 * 1024 + 7 }, (_, i) => i * 31 + (i >> 8)))
const digest = createHash('sha256').update(pattern).digest('hex')

for (const lane of ['wire', 'full'] as const) {
  test(`over TLS, large bodies pass whole at the pace of the slower side, and the connection goes on (${lane} lane first)`, async (t) => {
    const { port } = await serve(t, { tls: { certificates } }, {}, await digestingTarget(t))
    const agent = new Agent({ keepAlive: true, maxSockets: 1, ca: authority.certificate })
    t.teardown(() => { agent.destroy() })
    const sockets = new Set<unknown>()
    const ask = async (method: string, path: string, fields: Record<string, string | number> = {}, body?: Buffer): Promise<Buffer> => {
      const req = request({ port, host: '127.0.0.1', servername: 'a.example.com', method, path, agent, headers: { host: 'a.example.com', ...fields } })
      req.end(body)
      const [res] = await once(req, 'response') as [IncomingMessage]
      sockets.add(req.socket)
      const parts: Buffer[] = []
      for await (const part of res) {
        parts.push(part as Buffer)
        await new Promise((resolve) => { setImmediate(resolve) })
      }
      return Buffer.concat(parts)
    }
    const length = { 'content-length': pattern.length }
    // A name with an underscore is the full lane's, which takes the connection over.
    const chunked = { 'transfer-encoding': 'chunked' }
    if (lane === 'full') t.is((await ask('POST', '/', { ...chunked, a_b: 'c' }, pattern)).toString(), digest)
    for (let round = 0; round < 2; round++) {
      t.true((await ask('GET', '/large')).equals(pattern))
      t.is((await ask('PUT', '/', length, pattern)).toString(), digest)
      t.is((await ask('POST', '/', chunked, pattern)).toString(), digest)
      if (round === 0) t.is((await ask('POST', '/', { ...chunked, a_b: 'c' }, pattern)).toString(), digest)
    }
    t.is(sockets.size, 1)
  })

  test(`over TLS, a connection switches protocols, and what is said last arrives (${lane} lane first)`, async (t) => {
    const { port } = await serve(t, { tls: { certificates } }, {}, await digestingTarget(t))
    const socket = await handshake(port, { ALPNProtocols: ['http/1.1'] })
    if (lane === 'full') {
      socket.write('POST / HTTP/1.1\r\nHost: a.example.com\r\na_b: c\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n')
      while (!/[0-9a-f]{64}/.test(String(await once(socket, 'data'))));
    }
    socket.write('GET /ws HTTP/1.1\r\nHost: a.example.com\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
    let head = ''
    while (!head.includes('\r\n\r\n')) head += String((await once(socket, 'data') as [Buffer])[0])
    t.regex(head, /^HTTP\/1\.1 101 /)
    const parts: Buffer[] = []
    socket.on('data', (part: Buffer) => { parts.push(part) })
    socket.write(pattern)
    socket.end('last words')
    await once(socket, 'close')
    t.true(Buffer.concat(parts).equals(Buffer.concat([pattern, Buffer.from('last words')])))
  })
}

test('over TLS, a target that does not read slows the client down', async (t) => {
  const held: net.Socket[] = []
  const target = net.createServer((socket) => { held.push(socket.pause()) }).listen(0, '127.0.0.1')
  await once(target, 'listening')
  t.teardown(() => {
    for (const socket of held) socket.destroy()
    target.close()
  })
  const { port } = await serve(t, { tls: { certificates } }, {}, `http://127.0.0.1:${(target.address() as net.AddressInfo).port}`)
  const socket = await handshake(port, { ALPNProtocols: ['http/1.1'] })
  const size = 64 * 1024 * 1024
  socket.write(`PUT / HTTP/1.1\r\nHost: a.example.com\r\nContent-Length: ${size}\r\n\r\n`)
  let written = 0
  while (written < size && socket.write(pattern)) written += pattern.length
  const more = (): void => {
    written += pattern.length
    if (written < size) socket.write(pattern)
  }
  socket.on('drain', more)
  for (let before = -1; before !== written;) {
    before = written
    for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => { setImmediate(resolve) })
  }
  t.true(written < size / 2, `${written} bytes left the client`)
  socket.destroy()
})
