import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startRuntime } from '../../runtime/start.ts'
import { programSource } from '../../runtime/sources/program.ts'
import { bundleOf, revised } from '../support/live.ts'
import { median } from './median.ts'
import type { BenchRow } from './row.ts'

const repetitions = 7

/** CPU time of the main thread so far in milliseconds; wall time where the system does not tell. */
function mainThread (): number {
  try {
    return Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6
  } catch {
    return performance.now()
  }
}

/**
 * What a reload costs inside the process: milliseconds from the bytes of a bundle to the published snapshot, and the longest time for
 * which the event loop was busy with it. The stall is measured in CPU time of the main thread, so that a busy machine does not count.
 */
export async function benchPrepare ({ quick }: { readonly quick: boolean }): Promise<readonly BenchRow[]> {
  const rows: BenchRow[] = []
  for (const routes of quick ? [1_000] : [10, 1_000, 10_000]) {
    const bundle = await bundleOf({
      listeners: { public: { port: 0 } },
      upstreams: { up: { targets: ['http://127.0.0.1:9000'] } },
      routes: Array.from({ length: routes }, (_, n) => ({ match: `/api/v${n % 3}/service${n}/items/:id`, to: 'up' }))
    })
    const stateFolder = mkdtempSync(join(tmpdir(), 'gwc-bench-prepare-'))
    const source = programSource('the benchmark')
    let published = (_milliseconds: number): void => {}
    const runtime = await startRuntime({ source, stateFolder, admin: null, event: (event) => { if (event.kind === 'published') published(event.milliseconds) } })
    const [times, stalls]: [number[], number[]] = [[], []]
    try {
      // The first load also compiles our own code: it happens at start, before there is traffic.
      for (let n = 0; n <= repetitions; n++) {
        const bytes = Buffer.from(revised(bundle, n + 1))
        const time = new Promise<number>((resolve) => { published = resolve })
        const stop = watchStalls()
        const outcome = await source.offer(bytes)
        if (outcome.kind !== 'published') throw new Error(`the bundle was not published: ${JSON.stringify(outcome)}`)
        const stall = stop()
        if (n === 0) continue
        times.push(await time)
        stalls.push(stall)
      }
    } finally {
      await runtime.close(0)
      rmSync(stateFolder, { recursive: true, force: true })
    }
    const row = (metric: string, value: number): BenchRow => ({ bench: 'reload', scenario: `${routes} routes`, subject: 'gwc, inside', metric, value, unit: 'ms' })
    rows.push(row('prepare and publish', median(times)), row('longest stall', Math.max(...stalls)))
  }
  return rows
}

/** Looks at the clock once a turn of the event loop; the answer ends that and is the longest turn. */
function watchStalls (): () => number {
  let last = mainThread()
  let longest = 0
  let next = setImmediate(look)
  function look (): void {
    const now = mainThread()
    longest = Math.max(longest, now - last)
    last = now
    next = setImmediate(look)
  }
  return () => {
    clearImmediate(next)
    return longest
  }
}
