import { isCollecting, noteExpectation } from './collector.ts'
import { RouteExpectation } from './expectation.ts'
import type { RequestOptions } from './expectation.ts'

export type { Expected, RequestOptions, RouteExpectation } from './expectation.ts'

/**
 * A request to the gateway, and what should become of it. In a file `*.route.test.ts`, which `gwc test` runs:
 *
 * ```ts
 * expectRequest('GET https://api.example.com/users/1').toReach('user').withPolicies('api-key').toAnswer(401)
 * ```
 *
 * In AVA or another test runner, `await` it: it rejects when something is otherwise. The config is found from the working
 * folder; `useConfig` names another.
 */
export function expectRequest (line: string, options: RequestOptions = {}): RouteExpectation {
  const expectation = new RouteExpectation(line, options, callSite(), async (awaited) => {
    // `gwc test` runs it itself, after all files are loaded.
    if (isCollecting()) return
    const { runAlone } = await import('../commands/route-runner.ts')
    await runAlone(awaited)
  })
  noteExpectation(expectation)
  return expectation
}

/** The config of the expectations that are awaited from now on; relative to the working folder. */
export async function useConfig (file: string): Promise<void> {
  const { useConfigAlone } = await import('../commands/route-runner.ts')
  await useConfigAlone(file)
}

/** Lets go of the gateway that awaited expectations were sent to. `gwc test` does it by itself. */
export async function closeGateway (): Promise<void> {
  const { closeAlone } = await import('../commands/route-runner.ts')
  await closeAlone()
}

/** `file:line` of the call of `expectRequest`. */
function callSite (): string {
  const line = new Error().stack?.split('\n')[3] ?? ''
  const [, file = '', row = ''] = /\(?([^\s()]+):(\d+):\d+\)?$/.exec(line) ?? []
  return `${file.replace(/^file:\/\//, '')}:${row}`
}
