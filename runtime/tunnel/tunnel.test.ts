import test from 'ava'
import { createTimeouts } from '../upstream/timeouts.ts'
import { Tunnel } from './tunnel.ts'
import type { TunnelEnd } from './tunnel-end.ts'

function setup (idle = 1_000) {
  const clock = { time: 0, now: () => clock.time, wall: () => clock.time }
  const timeouts = createTimeouts(clock)
  const log: string[] = []
  const full = new Set<string>()
  const end = (name: string): TunnelEnd => ({
    keep: (bytes, start, stop) => Buffer.from(bytes.subarray(start, stop)),
    write: (bytes, start, stop) => {
      log.push(`${name} gets ${bytes.toString('utf8', start, stop)}`)
      return !full.has(name)
    },
    end: () => { log.push(`${name} ends`) },
    destroy: (reset) => { log.push(`${name} ${reset ? 'reset' : 'closed'}`) },
    pause: () => { log.push(`${name} pauses`) },
    resume: () => { log.push(`${name} resumes`) },
  })
  const tunnel = new Tunnel({ timeouts, idle, ended: (result) => { log.push(result) } })
  tunnel.start(end('client'), end('target'))
  const advance = (ms: number): void => {
    for (const stop = clock.time + ms; clock.time < stop; clock.time += 20) timeouts.tick()
    timeouts.tick()
  }
  const read = (side: 'client' | 'target', text: string): void => { tunnel[side].read(Buffer.from(text), 0, text.length) }
  return { tunnel, log, full, advance, read }
}

test('what one side sends the other gets; half-closes pass one by one', (t) => {
  const { tunnel, log, read } = setup()
  read('client', 'ask')
  read('target', 'answer')
  tunnel.client.ended()
  read('target', 'more')
  tunnel.target.ended()
  t.deepEqual(log, ['target gets ask', 'client gets answer', 'target ends', 'client gets more', 'client closed', 'target closed', 'ok'])
  t.deepEqual([tunnel.client.bytes, tunnel.target.bytes], [3, 10])
})

test('a side that takes nothing holds up the other one alone', (t) => {
  const { tunnel, log, full, read } = setup()
  full.add('target')
  read('client', 'x')
  read('target', 'y')
  tunnel.target.drained()
  t.deepEqual(log, ['target gets x', 'client pauses', 'client gets y', 'client resumes'])
})

test('silence ends it, and nothing else does', (t) => {
  const { log, advance, read } = setup()
  for (let n = 0; n < 5; n++) {
    advance(900)
    read(n % 2 === 0 ? 'client' : 'target', '.')
  }
  t.false(log.includes('idle'))
  advance(1_100)
  t.deepEqual(log.slice(-3), ['client reset', 'target reset', 'idle'])
})

test('a break is passed on as a break, and told once', (t) => {
  const { tunnel, log } = setup()
  tunnel.client.closed(true)
  tunnel.target.closed(true)
  tunnel.cut()
  t.deepEqual(log, ['client reset', 'target reset', 'reset'])
})
