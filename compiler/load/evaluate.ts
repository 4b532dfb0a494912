/*
 * Entry of the short-lived child process in which a config runs. It takes one request on standard input and gives one reply on descriptor 3.
 * Around it stand: an empty environment, Node's permission model (no files but this package's, no processes), no code from strings, a memory
 * limit, no network, and a realm of its own without anything impure.
 */
import { readFileSync, writeSync } from 'node:fs'
import { Script, createContext } from 'node:vm'
import * as policies from '../../policies/index.ts'
import { installInputs } from '../../schema/builders/inputs.ts'
import { documentOf } from '../../schema/builders/gateway.ts'
import { setConfigScript } from '../../schema/builders/place.ts'
import * as schema from '../../schema/index.ts'
import { describeThrown, describeValue, framesOf } from './evaluated-value.ts'
import { scriptName } from './evaluation.ts'
import type { EvaluationReply, EvaluationRequest } from './evaluation.ts'
import { disableNetwork } from './no-network.ts'
import { prepareRealm } from './realm.ts'
import type { Realm } from './realm.ts'

const replyDescriptor = 3

disableNetwork()
freezeIntrinsics()
const request = JSON.parse(readFileSync(0, 'utf8')) as EvaluationRequest
const reply = Buffer.from(JSON.stringify(evaluate(request)))
for (let sent = 0; sent < reply.length;) sent += writeSync(replyDescriptor, reply, sent)

function evaluate ({ code, env, timeout }: EvaluationRequest): EvaluationReply {
  const read = new Set<string>()
  const inputs: EvaluationReply['inputs'][number][] = []
  setConfigScript(scriptName)
  installInputs({
    read (name) {
      read.add(name)
      return Object.hasOwn(env, name) ? env[name] : undefined
    },
    report ({ problem, message, place }) {
      inputs.push({ problem, message, at: place })
    }
  })
  const modules = new Map<string, unknown>([['gwc', schema], ['gwc/policies', policies]])
  const context = createContext(Object.create(null) as object, { codeGeneration: { strings: false, wasm: false } })
  const realm = new Script(`(${prepareRealm.toString()})()`, { filename: 'gwc:realm' }).runInContext(context) as Realm
  const result = run()
  return {
    env: [...read].sort(),
    inputs,
    impure: copyOf(realm.impure).map(({ what, api, stack }) => ({ what, api, at: framesOf(stack)[0] })),
    logs: copyOf(realm.logs).map(({ text, stack }) => ({ text, at: framesOf(stack)[0] })),
    result
  }

  function run (): EvaluationReply['result'] {
    const module: { exports: unknown } = { exports: {} }
    const require = (name: string): unknown => {
      if (modules.has(name)) return modules.get(name)
      throw new ReferenceError('require is not defined')
    }
    try {
      Object.assign(context, { module, exports: module.exports, require })
      new Script(code, { filename: scriptName }).runInContext(context, { timeout })
      const value = defaultExport(module.exports)
      const gateway = documentOf(value)
      return gateway === undefined ? { kind: 'no-gateway', got: describeValue(value) } : { kind: 'gateway', ...gateway }
    } catch (error) {
      if ((error as { code?: unknown } | null)?.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return { kind: 'timeout' }
      return { kind: 'threw', ...describeThrown(error) }
    }
  }
}

/** Of a CommonJS module that is no translated ESM, the exports themselves are the default export. */
function defaultExport (exports: unknown): unknown {
  if (typeof exports !== 'object' || exports === null) return exports
  return '__esModule' in exports || 'default' in exports ? (exports as { readonly default?: unknown }).default : exports
}

/** Builders give a config objects of this realm. What it reaches through them is closed, so that the reply is made by our code alone. */
function freezeIntrinsics (): void {
  for (const intrinsic of [Object, Function, Array, String, RegExp, Map, Set, WeakMap, Promise]) {
    Object.freeze(intrinsic)
    Object.freeze(intrinsic.prototype)
  }
  Object.freeze(JSON)
  Object.freeze(Reflect)
}

/** A list of the config's realm without calling its methods, which the config may have replaced. */
function copyOf<Item> (list: readonly Item[]): Item[] {
  const copy: Item[] = []
  for (let index = 0; index < list.length; index++) copy.push(list[index]!)
  return copy
}
