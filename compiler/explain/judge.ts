import { buildAutomaton } from '../../schema/automaton/build.ts'
import { createMatcher, type Matcher } from '../../schema/automaton/match.ts'
import { invariant } from '../../schema/invariant.ts'
import { printPath, type PathPattern } from '../../schema/path.ts'
import type { FieldCondition } from '../../schema/resolved.ts'
import type { FitsSegment } from './path-mismatch.ts'

/** Judges single segments and conditions. */
export interface Judge {
  readonly fits: FitsSegment
  /** Whether the value of a field fulfils a condition. */
  holds (condition: FieldCondition, value: string | undefined): boolean
}

const root: PathPattern = { source: '/', segments: [{ kind: 'static', text: '' }] }

/** Judges by automata of one pattern or one condition each: there is one engine for regular expressions, so explanations cannot drift from the matcher. */
export function createJudge (): Judge {
  const matchers = new Map<string, Matcher>()

  return {
    fits: (segment, part) => {
      const path: PathPattern = { source: '', segments: [segment] }
      return ask(matcherFor(printPath(path), path, []), `/${part}`, undefined)
    },
    holds: (condition, value) => {
      const { test } = condition
      switch (test.op) {
        case 'present': return value !== undefined
        case 'absent': return value === undefined
        case 'equals': return value === test.value
        case 'regex': return value !== undefined && ask(matcherFor(`~${test.source}`, root, [condition]), '/', value)
      }
    }
  }

  function matcherFor (key: string, path: PathPattern, conditions: readonly FieldCondition[]): Matcher {
    const known = matchers.get(key)
    if (known !== undefined) return known
    const built = buildAutomaton([{ listeners: [0], hosts: [], methods: [], path, conditions, priority: 0 }], 1)
    invariant(built.overflow === undefined, 'a pattern that is part of an automaton has one of its own')
    const matcher = createMatcher(built.automaton)
    matchers.set(key, matcher)
    return matcher
  }
}

function ask (matcher: Matcher, path: string, value: string | undefined): boolean {
  const field = (): string | undefined => value
  return matcher.matchString(0, '', 'GET', path, { header: field, query: field, cookie: field }) === 0
}
