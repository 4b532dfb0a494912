import type { RouteExpectation } from './expectation.ts'

/** Where `gwc test` finds what the test files expect: one place in the process, whichever copy of this package they import. */
const place = Symbol.for('gwc.route-tests')

interface Holder { [place]?: RouteExpectation[] | undefined }

/** Notes what is expected while `collect` runs; elsewhere nothing is noted. */
export function noteExpectation (expectation: RouteExpectation): void {
  (globalThis as Holder)[place]?.push(expectation)
}

/** Everything that was expected while `load` ran. */
export async function collect (load: () => Promise<void>): Promise<readonly RouteExpectation[]> {
  const holder = globalThis as Holder
  const list: RouteExpectation[] = []
  holder[place] = list
  try {
    await load()
  } finally {
    holder[place] = undefined
  }
  return list
}

export function isCollecting (): boolean {
  return (globalThis as Holder)[place] !== undefined
}
