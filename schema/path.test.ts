import test from 'ava'
import fc from 'fast-check'
import { normalizePath } from './normalize.ts'
import { comparePaths, isPathError, parsePath, pathParams, printPath, type PathPattern, type PathSegment } from './path.ts'

function parsed (source: string): PathPattern {
  const pattern = parsePath(source)
  if (isPathError(pattern)) throw new Error(`${source}: ${pattern.message}`)
  return pattern
}

test('segments of every kind', (t) => {
  const segments = (source: string): readonly PathSegment[] => parsed(source).segments
  t.deepEqual(segments('/'), [{ kind: 'static', text: '' }])
  t.deepEqual(segments('/a/'), [{ kind: 'static', text: 'a' }, { kind: 'static', text: '' }])
  t.deepEqual(segments('/users/:id'), [{ kind: 'static', text: 'users' }, { kind: 'param', name: 'id' }])
  t.deepEqual(segments('/:id(\\d+(?:-[)a])?)'), [{ kind: 'constrained', name: 'id', prefix: '', suffix: '', regex: '\\d+(?:-[)a])?' }])
  t.deepEqual(segments('/v:major.json'), [{ kind: 'constrained', name: 'major', prefix: 'v', suffix: '.json', regex: null }])
  t.deepEqual(segments('/:path*'), [{ kind: 'rest', name: 'path' }])
  t.deepEqual(segments('/*'), [{ kind: 'rest', name: '*' }])
  t.deepEqual(segments('/shelves\\:list'), [{ kind: 'static', text: 'shelves:list' }])
  t.deepEqual(pathParams(parsed('/a/:b/c:d/*')), ['b', 'd', '*'])
})

test('literal text is in the normal form of requests', (t) => {
  const cases = { '/%61%2d%3b': '/a-%3B', '/é': '/%C3%A9', '/a b|c': '/a%20b%7Cc', "/!$&'+,;=@~": "/!$&'+,;=@~", '/😀:x%41': '/%F0%9F%98%80:x(.+)A' }
  for (const [source, normal] of Object.entries(cases)) {
    t.is(printPath(parsed(source)), normal)
    const literal = normal.replace(/:x\(\.\+\)/, '')
    t.is(normalizePath(literal), literal)
  }
})

test('what cannot be a pattern is refused at its place, with what was probably meant', (t) => {
  const cases: readonly (readonly [source: string, at: number, message: RegExp, suggestion?: string])[] = [
    ['users/:id', 0, /begins with \//, '/users/:id'],
    ['', 0, /begins with \//, '/'],
    ['/a//b', 3, /empty segment/, '/a/b'],
    ['/a/../b', 3, /segment \.\. never occurs/],
    ['/a/./b', 3, /segment \. never occurs/, '/a/b'],
    ['/a/%2e%2E', 3, /segment \.\. never occurs/],
    ['/a?x=1', 2, /no query/, '/a'],
    ['/a#x', 2, /no fragment/, '/a'],
    ['/a%2fb', 2, /encoded slash/],
    ['/a%5Cb', 2, /backslash/],
    ['/a\\b', 2, /backslash/, '/a/b'],
    ['/a%00', 2, /control character/],
    ['/a\u0007', 2, /control character/],
    ['/%4', 1, /broken percent-encoding/],
    ['/*/b', 1, /must come last/, '/:any/b'],
    ['/:p*/b', 1, /must come last/, '/:p/b'],
    ['/a*', 2, /whole segment/, '/a:rest'],
    ['/**', 2, /whole segment/, '/*'],
    ['/:a-:b', 4, /at most one parameter/],
    ['/:a/:b/:a', 7, /:a occurs twice/],
    ['/:a(x', 3, /never closed/],
    ['/:a([)', 3, /never closed/],
    ['/a)', 2, /never opened/],
    ['/(x)', 1, /needs a parameter in front/],
    ['/:a()', 4, /empty/],
    ['/:a(x{2,1})', 10, /regular expression/],
    ['/:a(x(?!y))', 5, /lookahead/],
    ['/:a([a-z]{20000})', 4, /too large/],
    ['/:a(x)*', 6, /cannot be constrained/, '/:a*'],
    ['/:a?', 3, /two routes/],
    ['/:1', 1, /needs a name/, '/\\:1'],
    ['/users/{id}', 7, /written :name/, '/users/:id'],
    ['/{id:[0-9]{3}}/{rest...}', 1, /written :name/, '/:id([0-9]{3})/:rest*'],
    [`/${'a'.repeat(9000)}`, 8192, /at most 8192/],
    ['/a'.repeat(300), 512, /at most 256 segments/]
  ]
  for (const [source, at, message, suggestion] of cases) {
    const error = parsePath(source)
    if (!isPathError(error)) {
      t.fail(source)
      continue
    }
    t.deepEqual([error.at, error.suggestion], [at, suggestion], source)
    t.regex(error.message, message)
  }
})

test('any text is either refused inside it or survives printing', (t) => {
  const pieces = fc.constantFrom('/', '/', ':a', ':b', '(\\d+)', '*', 'x', '.', '%41', '%2F', '\\:', '{a}', '?', 'é', '(', ')', '\\')
  t.notThrows(() => fc.assert(fc.property(fc.oneof(fc.array(pieces, { maxLength: 8 }).map((list) => `/${list.join('')}`), fc.string()), (source) => {
    const pattern = parsePath(source)
    if (isPathError(pattern)) {
      if (pattern.at < 0 || pattern.at > source.length) throw new Error(`at ${pattern.at}`)
      if (pattern.suggestion !== undefined) parsed(pattern.suggestion)
      return
    }
    // An expression that the printer adds takes what the name alone takes.
    const plain = (segments: readonly PathSegment[]): string => JSON.stringify(segments).replaceAll('"regex":".+"', '"regex":null')
    if (plain(parsed(printPath(pattern)).segments) !== plain(pattern.segments)) throw new Error(printPath(pattern))
  }), { numRuns: 3000 }))
})

test('the more specific pattern goes first, decided from the left', (t) => {
  const sorted = ['/a/b', '/a/:x(\\d+)', '/a/:x', '/a/*', '/:x(\\d+)/b', '/:x/b/c', '/:x/b', '/:x/*', '/*']
  t.deepEqual([...sorted].reverse().map(parsed).sort(comparePaths).map((pattern) => pattern.source), sorted)
  t.is(comparePaths(parsed('/a/:x'), parsed('/b/:y')), 0)
})
