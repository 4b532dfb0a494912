import type { BundlePolicy } from '../../../schema/bundle.ts'
import { canonicalJson } from '../../../schema/canonical.ts'
import type { AnyPolicy, Comparison, Guard } from '../../../schema/policy.ts'
import type { PlanCode } from '../codes.ts'
import type { Difference } from '../difference.ts'
import { differs } from './facet.ts'
import type { Facet } from './facet.ts'

/** What the policies on a request's way demand of it, policy by policy. */
export const policies: Facet = ({ policies: before }, { policies: after }, { registry }) => {
  const names = [...new Set([...before, ...after].map(({ name }) => name))].sort()
  const differences = names.flatMap((name) => {
    const [old, now] = [enforced(before, name), enforced(after, name)]
    if (listText(old) === listText(now)) return []
    const judged = judge(registry.get(name), old, now)
    return judged === 'same' ? [] : { facet: name, ...changedTexts(old, now), ...judged }
  })
  if (differences.length > 0) return differences
  const [old, now] = [order(before), order(after)]
  return differs('order of policies', old, now) ?? differs('shadow policies', shadowText(before), shadowText(after))
}

function enforced (policies: readonly BundlePolicy[], name: string): readonly BundlePolicy[] {
  return policies.filter((policy) => policy.name === name && policy.mode === 'enforce')
}

const looser: Readonly<Record<Guard, PlanCode | undefined>> = {
  authentication: 'W03', authorization: 'W04', rate: 'W05', address: 'W07', origins: 'W08', content: 'W10', fields: 'W11', cache: 'W13', nothing: undefined
}
const stricter: Readonly<Record<Guard, PlanCode | undefined>> = {
  authentication: 'B03', authorization: 'B03', rate: 'B04', address: 'B03', origins: 'B03', content: 'B06', fields: undefined, cache: undefined, nothing: undefined
}

function judge (definition: AnyPolicy | undefined, before: readonly BundlePolicy[], after: readonly BundlePolicy[]): Pick<Difference, 'order' | 'code'> | 'same' {
  // A policy that this version does not know cannot be compared.
  if (definition === undefined) return { order: 'different', code: 'W16' }
  const { guards } = definition
  switch (compareAll(definition, before, after)) {
    // Equally strict is not equal, but where a policy compares all that it does.
    case 'equal': return guards === 'fields' || guards === 'nothing' ? 'same' : { order: 'different', code: undefined }
    case 'looser': return { order: 'weaker', code: guards === 'authentication' && after.length === 0 ? 'W02' : looser[guards] }
    case 'stricter': return { order: 'stronger', code: stricter[guards] }
    case 'incomparable': return { order: 'different', code: guards === 'fields' || guards === 'nothing' ? undefined : 'W16' }
  }
}

/** All policies of a list must let a request pass: the list is at least as strict as another when each member of that one has its match. */
function compareAll (definition: AnyPolicy, before: readonly BundlePolicy[], after: readonly BundlePolicy[]): Comparison {
  const compare = definition.compare as (before: object | undefined, after: object | undefined) => Comparison
  const covers = (strict: readonly BundlePolicy[], other: readonly BundlePolicy[], judged: (strict: object | undefined, other: object | undefined) => Comparison, wanted: Comparison): boolean => {
    const good = (comparison: Comparison): boolean => comparison === 'equal' || comparison === wanted
    const used = new Set<BundlePolicy>()
    const each = other.every((policy) => {
      const partner = strict.find((candidate) => good(judged(candidate.options, policy.options)))
      if (partner !== undefined) used.add(partner)
      return partner !== undefined || good(judged(undefined, policy.options))
    })
    return each && strict.every((policy) => used.has(policy) || good(judged(policy.options, undefined)))
  }
  const strictEnough = covers(after, before, (now, old) => compare(old, now), 'stricter')
  const looseEnough = covers(before, after, (old, now) => compare(old, now), 'looser')
  return strictEnough ? looseEnough ? 'equal' : 'stricter' : looseEnough ? 'looser' : 'incomparable'
}

/** What both have is left out; of two that stand in one another's place only the options that differ are told. */
function changedTexts (before: readonly BundlePolicy[], after: readonly BundlePolicy[]): Pick<Difference, 'before' | 'after'> {
  const [old, now] = [unmatched(before, after), unmatched(after, before)]
  const [was, is] = [old[0], now[0]]
  if (old.length !== 1 || now.length !== 1 || was === undefined || is === undefined || was.version !== is.version) return { before: listText(old), after: listText(now) }
  const names = [...new Set([...Object.keys(was.options), ...Object.keys(is.options)])].filter((name) => canonicalJson(was.options[name]) !== canonicalJson(is.options[name]))
  const part = ({ options }: BundlePolicy): string => optionsText(Object.fromEntries(names.flatMap((name) => options[name] === undefined ? [] : [[name, options[name]]])))
  return { before: part(was), after: part(is) }
}

function unmatched (policies: readonly BundlePolicy[], others: readonly BundlePolicy[]): readonly BundlePolicy[] {
  const left = others.map((policy) => listText([policy]))
  return policies.filter((policy) => {
    const at = left.indexOf(listText([policy]))
    if (at >= 0) left.splice(at, 1)
    return at < 0
  })
}

function listText (policies: readonly BundlePolicy[]): string {
  return policies.length === 0 ? 'none' : policies.map(({ options, version }) => `${optionsText(options)}${version === 1 ? '' : ` (version ${version})`}`).join(' and ')
}

/** Options in the notation of JavaScript; secrets by name. */
function optionsText (value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value)
  if (Array.isArray(value)) return `[${value.map(optionsText).join(', ')}]`
  if ('$secret' in value) return `secret ${String(value.$secret)}`
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  return members.length === 0 ? '{}' : `{ ${members.map(([name, member]) => `${name}: ${optionsText(member)}`).join(', ')} }`
}

function order (policies: readonly BundlePolicy[]): string {
  return policies.filter(({ mode }) => mode === 'enforce').map(({ name }) => name).join(', ')
}

function shadowText (policies: readonly BundlePolicy[]): string {
  const shadow = policies.filter(({ mode }) => mode === 'shadow')
  return shadow.length === 0 ? 'none' : shadow.map(({ name, options }) => `${name} ${canonicalJson(options)}`).join(', ')
}
