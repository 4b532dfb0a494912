import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

/*
 * `npm test`: runs AVA and ends with the line `N passed, N failed`, which CI reads and AVA does not print.
 * Arguments are passed on: `npm test -- dist/schema/path.test.js`.
 */
const ava = spawn(process.execPath, ['node_modules/ava/entrypoints/cli.mjs', '--tap', ...process.argv.slice(2)], { stdio: ['ignore', 'pipe', 'inherit'] })
let passed = 0
let failed = 0
let inFailure = false

for await (const line of createInterface({ input: ava.stdout })) {
  if (/^ok \d/.test(line)) {
    inFailure = false
    if (!line.includes('# SKIP') && !line.includes('# TODO')) passed++
    continue
  }
  if (/^not ok \d/.test(line)) {
    inFailure = true
    failed++
  }
  const isFrame = /^(TAP version|# |1\.\.\d|---$)/.test(line)
  if (inFailure || !isFrame) process.stdout.write(`${line}\n`)
}

const code = await new Promise<number>((resolve) => ava.once('close', (exit) => resolve(exit ?? 1)))
// A test file that crashes or times out is no `not ok` line of its own.
if (code !== 0 && failed === 0) failed = 1
process.stdout.write(`\n${passed} passed, ${failed} failed\n`)
process.exitCode = code !== 0 || passed === 0 ? 1 : 0
