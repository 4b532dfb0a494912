import type { Impurity } from './evaluation.ts'

/** What each kind of impurity does, to follow the name of the API in a sentence. */
export const impurities: Readonly<Record<Impurity, string>> = {
  clock: 'reads the clock',
  randomness: 'is random',
  network: 'uses the network',
  files: 'uses files',
  timer: 'waits on a timer',
  environment: 'reads the machine it runs on',
  locale: 'depends on the language of the machine'
}

/** What to do about any of them. */
export const pureHelp = 'Pass what differs between environments in by `env(\'NAME\')`, and keep the rest in the config.'

const globals: Readonly<Record<Impurity, readonly string[]>> = {
  clock: ['performance', 'Temporal'],
  randomness: ['crypto'],
  network: ['fetch', 'XMLHttpRequest', 'WebSocket', 'EventSource', 'Request', 'Response', 'Headers'],
  files: ['require', '__dirname', '__filename', 'Deno', 'Bun'],
  timer: ['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'clearTimeout', 'clearInterval', 'Atomics', 'MessageChannel'],
  environment: ['process', 'global', 'navigator', 'WeakRef', 'FinalizationRegistry', 'WebAssembly', 'SharedArrayBuffer'],
  locale: ['Intl']
}

const modules: Readonly<Record<Exclude<Impurity, 'locale'>, readonly string[]>> = {
  clock: ['perf_hooks'],
  randomness: ['crypto'],
  network: ['http', 'https', 'http2', 'net', 'tls', 'dgram', 'dns'],
  files: ['fs'],
  timer: ['timers'],
  environment: ['os', 'process', 'child_process', 'worker_threads', 'cluster', 'v8', 'vm', 'tty', 'readline', 'repl', 'inspector', 'module']
}

/** What the use of a global that a config does not have would have done; undefined for names that no host has. */
export function impureGlobal (name: string): Impurity | undefined {
  return kindOf(globals, name)
}

/** What a module of Node is for; undefined for those that do nothing of the kind. */
export function impureModule (specifier: string): Impurity | undefined {
  return kindOf(modules, specifier.replace(/^node:/, '').split('/')[0] ?? '')
}

function kindOf (table: Readonly<Record<string, readonly string[]>>, name: string): Impurity | undefined {
  return Object.entries(table).find(([, names]) => names.includes(name))?.[0] as Impurity | undefined
}
