import test from 'ava'
import fc from 'fast-check'
import { WinnerTree } from './winner-tree.ts'

test('the first is the first of all, whatever changes', (t) => {
  const changes = fc.array(fc.record({ entry: fc.nat(1_000), value: fc.nat(20) }), { maxLength: 60 })
  fc.assert(fc.property(fc.array(fc.nat(20), { minLength: 1, maxLength: 40 }), changes, (values, all) => {
    const before = (a: number, b: number): boolean => values[a]! < values[b]! || (values[a] === values[b] && a < b)
    const tree = new WinnerTree(values.length, before)
    for (const { entry, value } of [{ entry: 0, value: values[0]! }, ...all]) {
      const at = entry % values.length
      values[at] = value
      tree.changed(at)
      const least = Math.min(...values)
      if (tree.first !== values.indexOf(least)) return false
    }
    return true
  }))
  t.is(new WinnerTree(0, () => false).first, -1)
})
