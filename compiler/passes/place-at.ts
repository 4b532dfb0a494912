import type { Place } from '../../schema/diagnostic.ts'
import type { Config } from '../../schema/document.ts'
import type { Origin, Pointer } from '../../schema/origin.ts'

/** The place of the value at a JSON pointer into the document, and at `rest` inside it: the nearest node with an origin, and the way from there. */
export function placeAt (config: Config, pointer: string, rest: Pointer = []): Place {
  const way: (string | number)[] = []
  for (let node = pointer; ; node = node.slice(0, node.lastIndexOf('/'))) {
    const origin = Object.hasOwn(config.origins, node) ? config.origins[node] : undefined
    if (origin !== undefined || node === '') {
      const inner = [...way.reverse(), ...rest]
      return { origin: origin ?? unknownOrigin(config), ...(inner.length > 0 ? { pointer: inner } : {}) }
    }
    way.push(keyOf(node.slice(node.lastIndexOf('/') + 1)))
  }
}

/** The place of the name of the member at a JSON pointer. */
export function nameAt (config: Config, pointer: string): Place {
  const slash = pointer.lastIndexOf('/')
  return { ...placeAt(config, pointer.slice(0, slash), [keyOf(pointer.slice(slash + 1))]), part: 'name' }
}

function keyOf (segment: string): string | number {
  return /^\d+$/.test(segment) ? Number(segment) : segment.replaceAll('~1', '/').replaceAll('~0', '~')
}

function unknownOrigin (config: Config): Origin {
  return Object.values(config.origins)[0] ?? { file: 'gateway.config.ts', line: 1, column: 1 }
}
