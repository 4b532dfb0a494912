import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ExecutionContext } from 'ava'
import { freePort } from './git.ts'
import { answers } from './live.ts'

/** Another proxy in front of the same target, as a second opinion. */
export interface PeerProxy {
  readonly name: string
  readonly port: number
}

/** nginx with its defaults of strictness. Fails the test where it is not installed. */
export async function startNginx (t: ExecutionContext, target: number): Promise<PeerProxy> {
  return await startPeer(t, 'nginx', 'nginx-light', (folder, port) => [['-e', join(folder, 'error.log'), '-c', join(folder, 'peer.conf')], `
daemon off; master_process off; pid ${folder}/nginx.pid; error_log ${folder}/error.log crit;
events { worker_connections 512; }
http {
  access_log off; client_header_timeout 150ms; client_body_timeout 150ms; proxy_read_timeout 150ms;
  client_body_temp_path ${folder}/b; proxy_temp_path ${folder}/p; fastcgi_temp_path ${folder}/f; uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
  server { listen 127.0.0.1:${port}; location / { proxy_pass http://127.0.0.1:${target}; proxy_http_version 1.1; proxy_set_header Host $http_host; proxy_set_header Connection ""; } }
}
`])
}

/** HAProxy with its defaults of strictness. Fails the test where it is not installed. */
export async function startHaproxy (t: ExecutionContext, target: number): Promise<PeerProxy> {
  return await startPeer(t, 'haproxy', 'haproxy', (folder, port) => [['-db', '-f', join(folder, 'peer.conf')], `
global
  nbthread 1
  maxconn 512
defaults
  mode http
  timeout connect 1s
  timeout client 150ms
  timeout http-request 150ms
  timeout http-keep-alive 150ms
  timeout server 150ms
frontend fe
  bind 127.0.0.1:${port}
  default_backend be
backend be
  retries 0
  server s1 127.0.0.1:${target}
`])
}

async function startPeer (t: ExecutionContext, name: string, aptPackage: string, setUp: (folder: string, port: number) => readonly [readonly string[], string]): Promise<PeerProxy> {
  const folder = mkdtempSync(join(tmpdir(), `gwc-${name}-`))
  const port = await freePort()
  const [args, config] = setUp(folder, port)
  writeFileSync(join(folder, 'peer.conf'), config)
  const child = spawn(name, args, { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin` } })
  const ended = once(child, 'close').catch(() => {})
  t.teardown(async () => {
    child.kill('SIGKILL')
    await ended
    rmSync(folder, { recursive: true, force: true })
  })
  const failed = new Promise<never>((_resolve, reject) => {
    child.once('error', () => { reject(new Error(`this test needs ${name}: apt-get install ${aptPackage}`)) })
    child.once('exit', (code) => { reject(new Error(`${name} ended with ${code}`)) })
  })
  await Promise.race([failed, listening(port)])
  failed.catch(() => {})
  return { name, port }
}

async function listening (port: number): Promise<void> {
  for (let attempt = 0; attempt < 500; attempt++) {
    if (await answers(port)) return
    await new Promise((resolve) => { setTimeout(resolve, 10) })
  }
  throw new Error(`nothing listens on ${port}`)
}
