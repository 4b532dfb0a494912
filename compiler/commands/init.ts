import { relative, resolve } from 'node:path'
import type { Command } from '../command.ts'
import { exitCode } from '../exit-code.ts'
import { writeProject } from '../init/write-project.ts'
import { style } from '../render/style.ts'
import { version } from '../version.ts'

/** `gwc init [FOLDER]`: a project that works, to change from there. */
export const init: Command = {
  name: 'init',
  summary: 'write a first config with its package.json, test and CI workflow',
  configure (command) {
    command
      .argument('[folder]', 'where to write it (default: here)')
      .option('--force', 'overwrite files that are there')
      .option('-y, --yes', 'ask nothing (it never does; for scripts that pass it everywhere)')
  },
  async run ([folder = '.'], options, context) {
    const target = resolve(context.cwd, folder)
    const { written, skipped } = writeProject(target, options.force === true)
    const { good, faint, strong } = style(context.color)
    const lines = [
      ...written.map((path) => `${good('+')} ${path}`),
      ...skipped.map(({ path, because }) => faint(`- ${path} ${because === path ? 'is there' : `left out: ${because} is there`}`))
    ]
    if (skipped.some(({ path, because }) => path === because) && options.force !== true) lines.push('', 'Nothing that was there has been changed; --force overwrites it.')
    if (skipped.some(({ path }) => path === 'package.json')) lines.push('', `Add gwc to your package: ${strong(`npm install --save-dev gwc@${version}`)}`)
    const here = relative(context.cwd, target)
    const steps = [
      ...(here === '' ? [] : [[`cd ${here}`, '']]),
      ...(written.includes('package.json') ? [['npm install', '']] : []),
      ['npx gwc validate', 'check the config'],
      ['npx gwc routes', 'see the routes in effective order'],
      ...(written.includes('package.json') ? [['npm test', 'ask the gateway what it would do with some requests']] : []),
      ['npx gwc serve', 'start the gateway']
    ]
    const width = Math.max(...steps.map(([step = '']) => step.length))
    lines.push('', 'Next:', ...steps.map(([step = '', why = '']) => `  ${strong(step.padEnd(width))}  ${faint(why)}`.trimEnd()))
    context.out(lines.join('\n'))
    return exitCode.ok
  }
}
