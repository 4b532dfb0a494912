import { execFile, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo, Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import { compile } from '../compiler/compile.ts'
import { freePort, isFree } from '../fixtures/ports.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'gwc-demo-'))
const config = join(folder, 'bank/gateway.config.ts')

/** Ports that were free a moment ago; chosen by the system, so that tests beside this one get others. */
async function freePorts (count: number): Promise<number[]> {
  const holders = await Promise.all(Array.from({ length: count }, () => new Promise<Server>((resolve) => { const server = createServer(); server.listen(0, '127.0.0.1', () => resolve(server)) })))
  const ports = holders.map((holder) => (holder.address() as AddressInfo).port)
  await Promise.all(holders.map((holder) => new Promise((resolve) => holder.close(resolve))))
  return ports
}

test.before(() => {
  cpSync(join(root, 'fixtures/bank'), join(folder, 'bank'), { recursive: true })
  cpSync(join(root, 'fixtures/json-server.ts'), join(folder, 'json-server.ts'))
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(root, join(folder, 'node_modules/gwc'))
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }\n')
})

test.after.always(() => { rmSync(folder, { recursive: true, force: true }) })

/** The lines of a running demo, as they come. */
class Demo {
  readonly lines: string[] = []
  readonly ended: Promise<number | null>
  readonly #child: ChildProcess
  #wake: () => void = () => {}
  #over = false

  constructor (args: readonly string[], env: Readonly<Record<string, string>>) {
    this.#child = spawn(process.execPath, [join(root, 'dist/fixtures/demo.js'), ...args], { cwd: root, env: { ...process.env, NO_COLOR: '1', ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
    for (const input of [this.#child.stdout!, this.#child.stderr!]) createInterface({ input }).on('line', (line) => { this.lines.push(line); this.#wake() })
    this.ended = new Promise((resolve) => this.#child.once('close', (code) => { this.#over = true; this.#wake(); resolve(code) }))
  }

  get text (): string { return this.lines.join('\n') }

  /** Resolves when `done` holds, asked again at every line. */
  async until (done: () => boolean | Promise<boolean>): Promise<boolean> {
    for (;;) {
      const seen = this.lines.length
      if (await done()) return true
      if (this.#over) return false
      if (this.lines.length === seen) await new Promise<void>((resolve) => { this.#wake = resolve })
    }
  }

  end (signal: NodeJS.Signals): void { this.#child.kill(signal) }
}

/** Statuses of the responses that a line of shell prints. */
function statuses (line: string): Promise<number[]> {
  return new Promise((resolve, reject) => {
    execFile('sh', ['-c', line], (error, stdout, stderr) => {
      if (error !== null && stdout === '') reject(new Error(`${line}\n${stderr}${error.code === 127 ? 'curl is needed for this test' : ''}`))
      else resolve([...stdout.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status)))
    })
  })
}

test.serial('npm start: every printed line answers as it says, an edit is live, Ctrl-C ends it', async (t) => {
  const [bank, shop] = await freePorts(2) as [number, number]
  const demo = new Demo(['--bank', config], { BANK_PORT: String(bank), SHOP_PORT: String(shop) })
  try {
    t.true(await demo.until(() => demo.text.includes('Ctrl-C ends.')), demo.text)
    t.regex(demo.text, /GET +\/v1\/accounts\/:id/, 'the route table')

    const lines = [...demo.text.matchAll(/^ {2}# (.*) → ([\d ]+)\n {2}(curl .*)$/gm)]
    t.true(lines.length >= 20)
    t.true(['401', '429', 'X-Api-Key', 'X-Canary'].every((word) => lines.some(([line]) => line.includes(word))))
    const servers = new Map<string, number>()
    for (let i = 0; i < 12; i++) {
      const server = (await fetch(`http://127.0.0.1:${shop}/products`)).headers.get('x-served-by')!
      servers.set(server, (servers.get(server) ?? 0) + 1)
    }
    t.deepEqual([...servers].sort(), [['catalog-1', 6], ['catalog-2', 4], ['catalog-3', 2]], 'weights 3, 2, 1')
    for (const [, shows, answers, curl] of lines) t.is((await statuses(curl!)).join(' '), answers!, `${shows}: ${curl}`)

    const consumer = await fetch(`http://127.0.0.1:${bank}/v1/accounts/100001/balance`, { headers: { 'x-api-key': 'demo-web', 'x-consumer-id': 'forged' } })
    t.is((await consumer.json() as { askedBy: string }).askedBy, 'web-app')

    const hello = async () => (await fetch(`http://127.0.0.1:${bank}/hello`)).headers.get('x-greeting')
    t.is(await hello(), 'Hello')
    const source = readFileSync(config, 'utf8')
    writeFileSync(config, source.replace("'x-greeting': 'Hello'", "'x-greeting': 'Servus'"))
    t.true(await demo.until(async () => await hello() === 'Servus'), demo.text)

    const before = demo.lines.length
    writeFileSync(config, source.replace("rewrite: '/help/{page}'", "rewrite: '/help/{pagee}'"))
    t.true(await demo.until(() => demo.lines.slice(before).some((line) => line.startsWith('[bank]') && line.includes('pagee'))), demo.text)
    t.is(await hello(), 'Servus', 'a mistake changes nothing')
  } finally {
    demo.end('SIGINT')
  }
  t.is(await demo.ended, 0, demo.text)
  t.true(await isFree(bank) && await isFree(shop))
})

test('both examples are without findings, their types included', async (t) => {
  for (const name of ['bank', 'shop']) {
    const { diagnostics, resolved } = await compile({ cwd: root, config: `fixtures/${name}/gateway.config.ts`, env: {} }, 'emit')
    t.deepEqual(diagnostics, [])
    t.true(resolved!.routes.length >= 20)
  }
})

test('the next free port is one that nobody listens on', async (t) => {
  const holder = createServer()
  await new Promise<void>((resolve) => { holder.listen(0, '127.0.0.1', resolve) })
  const { port } = holder.address() as AddressInfo
  t.false(await isFree(port))
  t.true((await freePort(port, new Set([port + 1])))! > port + 1)
  holder.close()
})

test.serial('a busy port that was asked for: one line that names it, exit 1', async (t) => {
  const holder = createServer()
  await new Promise<void>((resolve) => { holder.listen(0, '127.0.0.1', resolve) })
  const { port } = holder.address() as AddressInfo
  const demo = new Demo([], { BANK_PORT: String(port) })
  t.is(await demo.ended, 1)
  t.is(demo.text, `port ${port} is in use; name another with BANK_PORT`)
  holder.close()
})
