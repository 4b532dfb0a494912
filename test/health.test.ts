import test from 'ava'
import type { ExecutionContext } from 'ava'
import type { RuntimeEvent } from '../runtime/events.ts'
import { programSource } from '../runtime/sources/program.ts'
import { startRuntime } from '../runtime/start.ts'
import { bundleOf, keptAliveClient, revised, startUpstream, temporaryFolder, until } from './support/live.ts'

/* Health of targets in a running gateway, alone and with workers: one truth for all. */

async function shop (t: ExecutionContext, workers: number, options: object) {
  const sick = new Set<string>()
  const start = async (name: string) => {
    const upstream = await startUpstream((req, res) => {
      req.resume()
      res.statusCode = sick.has(name) ? 500 : 200
      res.end(name)
    })
    t.teardown(upstream.close)
    return upstream
  }
  const [a, b, c] = [await start('a'), await start('b'), await start('c')]
  const bundle = await bundleOf({
    listeners: { public: { port: 0 } },
    upstreams: { app: { targets: [a.url, b.url, c.url], retries: { max: 0 }, slowStart: '0s', ...options } },
    routes: [{ match: '/*', to: 'app' }]
  })
  const { folder, remove } = temporaryFolder()
  const source = programSource('the test')
  const events: RuntimeEvent[] = []
  void source.offer(revised(bundle, 1))
  const runtime = await startRuntime({ source, stateFolder: folder, workers, event: (event) => { events.push(event) } })
  t.teardown(async () => {
    await runtime.close(0)
    remove()
  })
  const base = `http://127.0.0.1:${(await runtime.status()).listeners[0]!.port}`
  const clients = Array.from({ length: 6 }, () => keptAliveClient())
  t.teardown(() => { for (const client of clients) client.close() })
  const served = async (): Promise<string> => {
    const bodies = await Promise.all(clients.map(async (client) => {
      const found: string[] = []
      for (let n = 0; n < 6; n++) found.push((await client.get(base)).body)
      return found
    }))
    return [...new Set(bodies.flat())].sort().join('')
  }
  const stateOf = async (url: string) => (await runtime.status()).targets.find(({ target }) => target === url)!
  return { a, b, c, sick, runtime, events, served, stateOf, offer: (sequence: number) => source.offer(revised(bundle, sequence)) }
}

for (const workers of [0, 2]) {
  test.serial(`active checks take a target out and bring it back, over reloads, with ${workers} workers`, async (t) => {
    const { b, sick, served, stateOf, offer, events } = await shop(t, workers, { ejection: false, health: { path: '/', status: ['200'], interval: '100ms', timeout: '1s', fall: 2, rise: 2, jitter: 0 } })
    await until(served, (seen) => seen === 'abc', 'all targets')
    sick.add('b')
    await until(() => stateOf(b.url), ({ healthy }) => !healthy, 'the failing check')
    await until(served, (seen) => seen === 'ac', 'the others alone')
    t.is((await stateOf(b.url)).reason, 'check failed: status 500')
    t.is((await offer(2)).kind, 'published')
    t.is(await served(), 'ac')
    sick.delete('b')
    await until(() => stateOf(b.url), ({ healthy }) => healthy, 'the passing check')
    await until(served, (seen) => seen === 'abc', 'all targets')
    t.deepEqual(events.flatMap((event) => event.kind === 'target' ? [event.healthy] : []), [false, true])
  })

  test.serial(`what requests show ejects a target in every process, for a while, with ${workers} workers`, async (t) => {
    const { b, sick, served, stateOf } = await shop(t, workers, { ejection: { consecutiveServerErrors: 3, base: '1s', interval: '60s' } })
    await until(served, (seen) => seen === 'abc', 'all targets')
    sick.add('b')
    await until(async () => {
      await served()
      return await stateOf(b.url)
    }, ({ ejected }) => ejected, 'the ejection')
    await until(served, (seen) => seen === 'ac', 'the others alone')
    t.regex((await stateOf(b.url)).reason, /^ejected for 1 s: 3 responses 5xx in a row$/)
    sick.delete('b')
    await until(served, (seen) => seen === 'abc', 'all targets')
    t.false((await stateOf(b.url)).ejected)
  })
}
