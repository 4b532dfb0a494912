import type { Problem, Severity } from '../../schema/diagnostic.ts'
import { parseJson } from '../load/json.ts'
import type { JsonMember } from '../load/json.ts'
import { lineIndex } from '../load/line-index.ts'
import { closest } from '../passes/closest.ts'

/** Where the settings are, relative to the config's folder. */
export const settingsFile = 'gateway.lint.json'

const profiles = ['recommended', 'strict'] as const
type Profile = typeof profiles[number]

const levels = ['off', 'info', 'warning', 'error'] as const
export type Level = typeof levels[number]

/** What strict locks: findings about who gets in, and about secrets. */
const strictlyLocked = /^(?:auth|secret|tls)\//

/** How findings that are no errors are weighed. Errors cannot be: no bundle can be made of a config that has one. */
export interface LintSettings {
  /** `off`: left out. `unasked`: nobody wanted to know. */
  level (code: string, severity: Severity): Level | 'unasked'
  /** Whether neither comments nor the baseline nor `--rule` change anything about the code. */
  isLocked (code: string): boolean
}

/** What is wrong with settings, with the place in their file. */
export interface SettingsError {
  readonly message: string
  readonly line: number
  readonly column: number
}

/** Where there is no file. */
export function defaultSettings (catalogue: readonly Problem[]): LintSettings {
  return settingsOf('recommended', new Map(), new Set(), catalogue)
}

/** Reads `{ "profile": "strict", "rules": { "upstream/unused": "off" }, "locked": ["auth/bypassed"] }`. */
export function parseSettings (text: string, catalogue: readonly Problem[]): LintSettings | SettingsError {
  const lines = lineIndex(text)
  const wrong = (message: string, offset: number): SettingsError => ({ message, ...lines.position(offset) })
  const node = parseJson(text)
  if ('message' in node) return wrong(node.message, node.at)
  if (node.kind !== 'object') return wrong('settings are an object', node.start)
  let profile: Profile = 'recommended'
  const rules = new Map<string, Level>()
  const locked = new Set<string>()
  for (const { key, keyStart, value } of node.members) {
    switch (key) {
      case '$schema': break
      case 'profile': {
        const known = profiles.find((one) => value.kind === 'value' && one === value.value)
        if (known === undefined) return wrong(`profiles are ${profiles.join(', ')}`, value.start)
        profile = known
        break
      }
      case 'rules': {
        if (value.kind !== 'object') return wrong("'rules' is an object: a level by code", value.start)
        for (const member of value.members) {
          const level = levelOf(member, catalogue)
          if (typeof level !== 'string') return wrong(level.message, level.offset)
          rules.set(member.key, level)
        }
        break
      }
      case 'locked': {
        if (value.kind !== 'array') return wrong("'locked' is a list of codes", value.start)
        for (const element of value.elements) {
          const code = element.kind === 'value' ? String(element.value) : ''
          const message = unknownCode(code, catalogue)
          if (message !== undefined) return wrong(message, element.start)
          locked.add(code)
        }
        break
      }
      default: return wrong(`there is no setting '${key}': settings are profile, rules, locked`, keyStart)
    }
  }
  return settingsOf(profile, rules, locked, catalogue)
}

/** Settings with levels of the command line on top: `upstream/unused=off`. A string says what is wrong with one. */
export function withRules (settings: LintSettings, given: readonly string[], catalogue: readonly Problem[]): LintSettings | string {
  const rules = new Map<string, Level>()
  for (const text of given) {
    const [, code = '', name = ''] = /^([^=]*)=(.*)$/.exec(text) ?? []
    const level = levels.find((one) => one === name)
    if (level === undefined) return `--rule ${text}: write a code and a level: upstream/unused=${levels.join('|')}`
    const message = unknownCode(code, catalogue) ?? refusedLevel(code, level, catalogue)
    if (message !== undefined) return `--rule ${text}: ${message}`
    if (settings.isLocked(code)) return `--rule ${text}: '${code}' is locked in ${settingsFile}`
    rules.set(code, level)
  }
  return { ...settings, level: (code, severity) => rules.get(code) ?? settings.level(code, severity) }
}

function settingsOf (profile: Profile, rules: ReadonlyMap<string, Level>, locked: ReadonlySet<string>, catalogue: readonly Problem[]): LintSettings {
  const strictOnly = new Set(catalogue.filter((problem) => problem.profile === 'strict').map(({ code }) => code))
  return {
    level: (code, severity) => rules.get(code) ?? (profile === 'strict' ? 'error' : strictOnly.has(code) ? 'unasked' : severity),
    isLocked: (code) => locked.has(code) || (profile === 'strict' && strictlyLocked.test(code))
  }
}

function levelOf ({ key, keyStart, value }: JsonMember, catalogue: readonly Problem[]): Level | { readonly message: string, readonly offset: number } {
  const unknown = unknownCode(key, catalogue)
  if (unknown !== undefined) return { message: unknown, offset: keyStart }
  const level = levels.find((one) => value.kind === 'value' && one === value.value)
  if (level === undefined) return { message: `levels are ${levels.join(', ')}`, offset: value.start }
  const refused = refusedLevel(key, level, catalogue)
  return refused === undefined ? level : { message: refused, offset: value.start }
}

function unknownCode (code: string, catalogue: readonly Problem[]): string | undefined {
  if (catalogue.some((problem) => problem.code === code)) return undefined
  const meant = closest(code, catalogue.map((problem) => problem.code))
  return `there is no code '${code}'${meant === undefined ? '' : `; did you mean '${meant}'?`}`
}

function refusedLevel (code: string, level: Level, catalogue: readonly Problem[]): string | undefined {
  const isError = catalogue.find((problem) => problem.code === code)?.severity === 'error'
  return isError && level !== 'error' ? `'${code}' is an error: no bundle can be made of a config that has one` : undefined
}
