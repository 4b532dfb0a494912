import type { Problem } from '../../schema/diagnostic.ts'

/** What can be wrong before a config is a document. */
export const problems = [
  {
    code: 'config/not-found',
    severity: 'error',
    summary: 'There is no config.',
    docs: 'gwc looks for `gateway.config.ts`, `.mts`, `.js`, `.mjs` and `.json`, in this order, in the working folder and then in each folder above it. Name another file with `--config`, or write a first config with `gwc init`.'
  },
  {
    code: 'config/syntax-error',
    severity: 'error',
    summary: 'A file of the config is not valid TypeScript, JavaScript or JSON.',
    docs: 'Nothing else can be checked until the file parses. JSON configs are strict JSON: no comments, no trailing commas, names in double quotes.'
  },
  {
    code: 'config/unsupported-syntax',
    severity: 'error',
    summary: 'The config uses syntax that needs more than one synchronous run.',
    docs: 'A config is evaluated once, synchronously, without files and network, so `await` at the top level and `import.meta` have nothing to offer. Remove the `await`: builders return at once. For what differs between environments use `env(\'NAME\')`.'
  },
  {
    code: 'config/unresolved-import',
    severity: 'error',
    summary: 'A module that the config imports cannot be found.',
    docs: 'Relative imports may be written with or without `.ts` or `.js`. Packages are looked up in `node_modules` as Node does; `gwc` and `gwc/policies` are always those of the gwc that runs.'
  },
  {
    code: 'config/impure',
    severity: 'error',
    summary: 'The config depends on when or where it is evaluated.',
    docs: 'The same sources must give the same gateway on every machine and at every moment: that is what makes plans, reviews and signatures mean something. So the clock, randomness, timers, files, network, the process and the machine\'s language do not exist in a config. Pass what differs between environments in by `env(\'NAME\')`, keep secrets behind `secret(\'NAME\')`, and give locale-dependent functions their locale: `a.localeCompare(b, \'en\')`.'
  },
  {
    code: 'config/threw',
    severity: 'error',
    summary: 'The config threw an error while it was evaluated.',
    docs: 'The message is the one that was thrown; the place is the innermost call in your own files, and the calls that led there are listed with it.'
  },
  {
    code: 'config/timeout',
    severity: 'error',
    summary: 'The evaluation of the config did not end.',
    docs: 'A config has 10 seconds; even ten thousand routes need far less than one. Look for a loop that does not end.'
  },
  {
    code: 'config/out-of-memory',
    severity: 'error',
    summary: 'The evaluation of the config needed too much memory.',
    docs: 'A config has a heap of 256 MiB; ten thousand routes need about a tenth of it. Look for a loop or a recursion that adds without end.'
  },
  {
    code: 'config/crashed',
    severity: 'error',
    summary: 'The process that evaluates the config ended without an answer.',
    docs: 'The message is what the process said last. This happens when the machine is out of memory or when something ends processes; if it repeats, please report it.'
  },
  {
    code: 'config/no-gateway',
    severity: 'error',
    summary: 'The config does not export a gateway.',
    docs: 'The default export must be what `defineGateway({ … })` returns: `export default defineGateway({ listeners: …, routes: … })`.'
  },
  {
    code: 'config/not-data',
    severity: 'error',
    summary: 'An option holds a value that is not plain data.',
    docs: 'A gateway is a document: texts, numbers, booleans, lists and objects. A function, a class instance, `NaN` or a value of the wrong builder cannot be written into a bundle. TypeScript shows most of these in the editor.'
  },
  {
    code: 'upstream/duplicate',
    severity: 'error',
    summary: 'Two upstreams have one name.',
    docs: 'The name of an upstream is the key of its connections, health and counters, and stands in logs and metrics. Call `upstream()` once and share the result between routes, or give the second one a name of its own.'
  },
  {
    code: 'config/duplicate-key',
    severity: 'error',
    summary: 'A JSON object has one name twice.',
    docs: 'Parsers disagree about which of the two counts, so neither does. Remove one.'
  },
  {
    code: 'config/reserved-key',
    severity: 'error',
    summary: 'A name in the config is one that JavaScript objects inherit.',
    docs: '`__proto__`, `constructor` and `prototype` are refused as names anywhere in a document: they have no use there, and have been used to attack programs that read JSON.'
  },
  {
    code: 'config/log',
    severity: 'info',
    summary: 'The config printed something.',
    docs: 'What a config writes with `console.log` is shown with the place of the call. It never becomes part of the output of a command.'
  },
  {
    code: 'env/missing',
    severity: 'error',
    summary: 'The config reads an environment variable that is not set.',
    docs: '`env(\'NAME\')` is the way in for what differs between environments. Set the variable, or give a default in the config: `env(\'NAME\', \'default\')`.'
  },
  {
    code: 'env/invalid',
    severity: 'error',
    summary: 'An environment variable is not of the form that the config asks for.',
    docs: '`env.number`, `env.boolean` and `env.duration` read typed values: `42`, `true` or `false`, `250ms`. The variable is set, but to something else.'
  }
] as const satisfies readonly Problem[]
