import test from 'ava'
import fc from 'fast-check'
import { normalizePath, normalizeTarget } from './normalize.ts'

/** The same rules, one after the other, as slowly as they read. */
function naive (path: string): string | undefined {
  if (/[^\x21-\x7e]|[\\#?]|%(?![0-9a-fA-F]{2})|%(2f|5c|[01][0-9a-f]|7f)/i.test(path)) return undefined
  let text = path.replace(/["<>[\]^`{|}]/g, (c) => `%${c.charCodeAt(0).toString(16)}`)
  text = text.replace(/%../g, (code) => {
    const c = String.fromCharCode(parseInt(code.slice(1), 16))
    return /[A-Za-z0-9._~-]/.test(c) ? c : code.toUpperCase()
  })
  if (/\/\.\.?(;|%3B)/.test(text)) return undefined
  text = text.replace(/\/{2,}/g, '/')
  for (let before = ''; before !== text;) {
    before = text
    text = text.replace(/\/\.(\/|$)/, '/')
  }
  for (let before = ''; before !== text;) {
    before = text
    text = text.replace(/^\/\.\.(\/|$)/, '/').replace(/\/(?!\.\.(?:\/|$))[^/]+\/\.\.(\/|$)/, '/')
  }
  return text
}

const piece = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('/', '.', '..', '/./', '/../', '//', '%2e', '%2E%2e', ';', '%3b', 'a', 'b', '~', '%7E', '%61', '%c3%a9', '%20', '%25', '%2F', '%5c', '%', '%0', '%zz', '%00', '\\', '|', '"', ':', '@', '=', '+') },
  { weight: 1, arbitrary: fc.string({ minLength: 1, maxLength: 3, unit: 'binary' }) },
)
const paths = fc.array(piece, { maxLength: 12 }).map((pieces) => `/${pieces.join('')}`)

test('agrees with the slow implementation, and does not change what it has made', (t) => {
  fc.assert(fc.property(paths, (path) => {
    const normal = normalizePath(path)
    const expected = naive(path)
    if (typeof normal !== 'string') return expected === undefined
    return normal === expected && normalizePath(normal) === normal && normal.startsWith('/') && !/\/\.{0,2}\//.test(normal)
  }), { numRuns: 20_000 })
  t.pass()
})

const refused: readonly (readonly [target: string, why: RegExp])[] = [
  ['/a%2Fb', /encoded slash/], ['/a\\b', /backslash/], ['/a%5cb', /backslash/], ['/%00', /control/], ['/a b', /percent-encoded/], ['/a\x01', /control/], ['/\xe9', /percent-encoded/], ['/%', /broken/], ['/%1', /broken/], ['/%g1', /broken/],
  ['/a#b', /fragment/], ['/a?b#c', /fragment/], ['/a?b c', /query/], ['/x/..;/y', /dot segment/], ['/x/.%3by', /dot segment/], ['a', /neither/], ['', /neither/], ['example.com:443', /neither/], ['ftp://a/', /neither/],
  ['http:///a', /empty authority/], ['http://u:p@a/', /user information/],
]

test('refuses what two parsers could read in two ways, and says why', (t) => {
  for (const [target, why] of refused) {
    const normal = normalizeTarget(target)
    t.regex('invalid' in normal ? normal.invalid : '', why, target)
  }
})

test('takes origin, absolute and asterisk form', (t) => {
  t.deepEqual(normalizeTarget('/a/../b?x=%2f/..'), { path: '/b', search: 'x=%2f/..', authority: undefined, scheme: undefined })
  t.deepEqual(normalizeTarget('HTTP://A.example:80?q'), { path: '/', search: 'q', authority: 'A.example:80', scheme: 'http' })
  t.deepEqual(normalizeTarget('https://a/%41'), { path: '/A', search: '', authority: 'a', scheme: 'https' })
  t.deepEqual(normalizeTarget('*'), { path: '*', search: '', authority: undefined, scheme: undefined })
  t.deepEqual(normalizeTarget('//a.example/b'), { path: '/a.example/b', search: '', authority: undefined, scheme: undefined })
})
