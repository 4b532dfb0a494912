import { execFile, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createServer as createSocketServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { answers } from './live.ts'

/** A bare repository with a working copy that pushes to it, and an own, empty git configuration. */
export interface GitFixture {
  /** Folder that holds the bare repository `gateway.git`. */
  readonly base: string
  readonly bare: string
  readonly work: string
  /** Runs git in the working copy. */
  git (...args: readonly string[]): Promise<string>
  /** Commits these files (relative paths) and pushes; returns the commit. */
  push (files: Readonly<Record<string, string>>, ...pushArgs: readonly string[]): Promise<string>
}

const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@example.com', '-c', 'commit.gpgsign=false', '-c', 'protocol.file.allow=always']

/** Needs git; without it the test must fail, not pass. */
export async function gitFixture (folder: string): Promise<GitFixture> {
  const found = spawnSync('git', ['--version'])
  if (found.status !== 0) throw new Error('git is needed for these tests, and not installed')
  const env = { PATH: process.env['PATH'], HOME: folder, GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' }
  // Never synchronously: the server that is pushed to may be in this process.
  const run = async (cwd: string, args: readonly string[]): Promise<string> => (await promisify(execFile)('git', [...identity, ...args], { cwd, env })).stdout.trim()
  const base = join(folder, 'repositories')
  const bare = join(base, 'gateway.git')
  const work = join(folder, 'work')
  mkdirSync(base)
  mkdirSync(work)
  await run(folder, ['init', '--quiet', '--bare', '--initial-branch=main', bare])
  await run(bare, ['config', 'http.receivepack', 'true'])
  await run(work, ['init', '--quiet', '--initial-branch=main'])
  await run(work, ['remote', 'add', 'origin', bare])
  const git = (...args: readonly string[]): Promise<string> => run(work, args)
  return {
    base, bare, work, git,
    async push (files, ...pushArgs) {
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(join(work, path)), { recursive: true })
        writeFileSync(join(work, path), text)
      }
      await git('add', '--all')
      await git('commit', '--quiet', '--allow-empty', '-m', 'change')
      await git('push', '--quiet', ...pushArgs, 'origin', 'main')
      return git('rev-parse', 'HEAD')
    }
  }
}

export interface GitServer {
  readonly url: string
  close (): Promise<void>
}

/** The real `git daemon`. */
export async function gitDaemon (base: string): Promise<GitServer> {
  const port = await freePort()
  const daemon = spawn('git', ['daemon', '--reuseaddr', '--export-all', '--enable=receive-pack', '--listen=127.0.0.1', `--port=${port}`, `--base-path=${base}`, base],
    { stdio: 'ignore', detached: true })
  const ended = once(daemon, 'exit')
  for (let tries = 0; !await answers(port); tries++) {
    if (tries > 200 || daemon.exitCode !== null) throw new Error('git daemon does not start; is it installed?')
    await new Promise((resolve) => { setTimeout(resolve, 25) })
  }
  return {
    url: `git://127.0.0.1:${port}/gateway.git`,
    async close () {
      // `git` has started `git-daemon`: both are in the group that we made.
      process.kill(-daemon.pid!, 'SIGTERM')
      await ended
    }
  }
}

/** The real `git http-backend` behind a server of a few lines that speaks CGI. */
export async function gitHttp (base: string): Promise<GitServer> {
  const server = createServer((req, res) => {
    const url = new URL(req.url!, 'http://localhost')
    const backend = spawn('git', ['http-backend'], {
      env: {
        PATH: process.env['PATH'], GIT_PROJECT_ROOT: base, GIT_HTTP_EXPORT_ALL: '1', GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null',
        REQUEST_METHOD: req.method, PATH_INFO: url.pathname, QUERY_STRING: url.search.slice(1), CONTENT_TYPE: req.headers['content-type'] ?? '',
        HTTP_CONTENT_ENCODING: String(req.headers['content-encoding'] ?? ''), GIT_PROTOCOL: String(req.headers['git-protocol'] ?? ''), REMOTE_USER: 'test', REMOTE_ADDR: '127.0.0.1'
      },
      stdio: ['pipe', 'pipe', 'inherit']
    })
    req.pipe(backend.stdin)
    backend.stdin.on('error', () => {})
    let head = Buffer.alloc(0)
    let headDone = false
    backend.stdout.on('data', (part: Buffer) => {
      if (headDone) return void res.write(part)
      head = Buffer.concat([head, part])
      const end = head.indexOf('\r\n\r\n')
      if (end < 0) return
      headDone = true
      for (const line of head.toString('latin1', 0, end).split('\r\n')) {
        const [name = '', value = ''] = line.split(/: (.*)/)
        if (name.toLowerCase() === 'status') res.statusCode = Number.parseInt(value)
        else res.setHeader(name, value)
      }
      res.write(head.subarray(end + 4))
    })
    backend.on('close', () => { res.end() })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/gateway.git`,
    async close () {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    }
  }
}

export async function freePort (): Promise<number> {
  const server = createSocketServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
