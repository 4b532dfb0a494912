import type { Problem } from '../../schema/diagnostic.ts'
import { problems as automaton } from './automaton-problems.ts'
import { problems as load } from './load-problems.ts'
import { problems as resolve } from './resolve-problems.ts'
import { problems as types } from './types-problems.ts'
import { problems as validate } from './validate-problems.ts'

/** Every code that a pass can report by itself. */
export const passProblems: readonly Problem[] = [...load, ...types, ...validate, ...resolve, ...automaton]
