import test from 'ava'
import fc from 'fast-check'
import { WinnerTree } from './winner-tree.ts'

test('the least is the least of all, whatever changes', (t) => {
  const key = fc.tuple(fc.nat(5), fc.nat(5))
  const changes = fc.array(fc.record({ entry: fc.nat(1_000), key }), { maxLength: 60 })
  fc.assert(fc.property(fc.array(key, { minLength: 1, maxLength: 40 }), changes, (keys, all) => {
    const first = Float64Array.from(keys, ([number]) => number)
    const second = Float64Array.from(keys, ([, number]) => number)
    const tree = new WinnerTree(first, second)
    return [{ entry: 0, key: keys[0]! }, ...all].every(({ entry, key }) => {
      const at = entry % keys.length
      ;[first[at], second[at]] = key
      tree.changed(at)
      const place = [...first].map((number, i) => number * 10 + second[i]!)
      return tree.least === place.indexOf(Math.min(...place))
    })
  }))
  t.is(new WinnerTree(new Float64Array(0), new Float64Array(0)).least, -1)
})
