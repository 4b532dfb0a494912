import { Option } from 'commander'
import type { Command } from '../command.ts'
import { exitCode } from '../exit-code.ts'

/** `gwc rules`: every code that can be reported about a config. */
export const rules: Command = {
  name: 'rules',
  summary: 'list every diagnostic: code, severity, what is wrong',
  configure (command) {
    command.addOption(new Option('--format <format>', 'output format').choices(['pretty', 'json']).default('pretty'))
  },
  async run (_args, options, { out, color }) {
    const [{ catalogue }, { tableText }, { style }] = await Promise.all([import('../problems.ts'), import('../render/table.ts'), import('../render/style.ts')])
    const entries = catalogue()
    out(options.format === 'json'
      ? JSON.stringify({ formatVersion: '1.0', rules: entries }, null, 2)
      : tableText(['CODE', 'SEVERITY', 'PROFILE', 'FIX', 'WHAT IS WRONG'], entries.map(({ code, severity, profile = '', fixable, summary }) => [code, severity, profile, fixable === true ? '--fix' : '', summary]), style(color).strong))
    return exitCode.ok
  }
}
