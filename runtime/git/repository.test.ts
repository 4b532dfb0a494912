import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { parseGitAddress } from './address.ts'
import type { GitAddress } from './address.ts'
import { createGitRepository, refProblem } from './repository.ts'
import type { GitCommit, GitRepository } from './repository.ts'
import { listTree, readBlobs, writeTree } from './tree.ts'
import type { TreeFile } from './tree.ts'

const identity = { GIT_AUTHOR_NAME: 'a', GIT_AUTHOR_EMAIL: 'a@example.com', GIT_COMMITTER_NAME: 'a', GIT_COMMITTER_EMAIL: 'a@example.com', GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' }

interface Place { readonly folder: string, readonly work: string, readonly git: (...args: string[]) => string, readonly repository: GitRepository }

async function place (t: { teardown (fn: () => void): void }): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), 'gwc-git-'))
  t.teardown(() => { rmSync(folder, { recursive: true, force: true }) })
  const work = join(folder, 'work')
  await mkdir(work)
  const git = (...args: string[]): string => execFileSync('git', args, { cwd: work, env: { ...process.env, ...identity }, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim()
  git('init', '--quiet', '--initial-branch=main')
  const repository = createGitRepository({ folder: join(folder, 'bare'), address: parseGitAddress(work, '/') as GitAddress, ref: 'main' })
  return { folder, work, git, repository }
}

const { signal } = new AbortController()

async function fetched (repository: GitRepository): Promise<string> {
  const commit = await repository.fetch(signal)
  if (typeof commit === 'string') throw new Error(commit)
  return commit.id
}

test('fetches a ref, knows its ancestry after a forced push, and writes its files as they are', async (t) => {
  const { folder, work, git, repository } = await place(t)
  await mkdir(join(work, 'routes'))
  const octets = Buffer.from([0, 255, 10, 13, 10])
  writeFileSync(join(work, 'routes', 'über all.ts'), octets)
  writeFileSync(join(work, 'empty'), '')
  git('add', '.')
  git('commit', '--quiet', '-m', 'one')
  const first = await repository.fetch(signal) as GitCommit
  t.deepEqual(first, { id: git('rev-parse', 'HEAD'), time: Number(git('log', '-1', '--format=%ct')) })
  const inside = { repository: repository.folder, signal }
  const files = await listTree(first.id, [], inside) as readonly TreeFile[]
  const into = join(folder, 'tree')
  await mkdir(into)
  await writeTree(into, files, await readBlobs(files, inside) as readonly Buffer[])
  t.deepEqual(readFileSync(join(into, 'routes', 'über all.ts')), octets)
  t.is(readFileSync(join(into, 'empty'), 'utf8'), '')

  git('commit', '--quiet', '--allow-empty', '-m', 'two')
  const second = await fetched(repository)
  t.true(await repository.descends(second, first.id, signal))
  t.false(await repository.descends(first.id, second, signal))
  t.true(await repository.descends(second, second, signal))

  git('commit', '--quiet', '--amend', '--allow-empty', '-m', 'other')
  t.false(await repository.descends(await fetched(repository), second, signal))
})

test('refuses symbolic links and submodules', async (t) => {
  const { work, git, repository } = await place(t)
  const inside = { repository: repository.folder, signal }
  symlinkSync('/etc/passwd', join(work, 'gateway.config.ts'))
  git('add', '.')
  git('commit', '--quiet', '-m', 'link')
  t.regex(await listTree(await fetched(repository), [], inside) as string, /gateway\.config\.ts.*symbolic link/)

  git('rm', '--quiet', '-f', 'gateway.config.ts')
  git('update-index', '--add', '--cacheinfo', `160000,${git('rev-parse', 'HEAD')},sub`)
  git('commit', '--quiet', '-m', 'submodule')
  t.regex(await listTree(await fetched(repository), [], inside) as string, /sub.*submodule/)
})

test('verifies commits against allowed signers', async (t) => {
  const { folder, git, repository } = await place(t)
  const key = join(folder, 'key')
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'a@example.com', '-f', key])
  const allowed = join(folder, 'allowed')
  writeFileSync(allowed, `a@example.com ${readFileSync(`${key}.pub`, 'utf8')}`)
  git('-c', 'gpg.format=ssh', '-c', `user.signingkey=${key}`, 'commit', '--quiet', '--allow-empty', '-S', '-m', 'signed')
  t.is(await repository.unsigned(await fetched(repository), allowed, signal), undefined)
  git('commit', '--quiet', '--allow-empty', '-m', 'unsigned')
  t.is(typeof await repository.unsigned(await fetched(repository), allowed, signal), 'string')
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', `${key}2`])
  git('-c', 'gpg.format=ssh', '-c', `user.signingkey=${key}2`, 'commit', '--quiet', '--allow-empty', '-S', '-m', 'foreign')
  t.is(typeof await repository.unsigned(await fetched(repository), allowed, signal), 'string')
})

test('says what is wrong with a repository that is away or a ref that is missing', async (t) => {
  const { folder, repository } = await place(t)
  t.regex(await repository.fetch(signal) as string, /couldn't find remote ref/)
  const away = createGitRepository({ folder: join(folder, 'bare2'), address: parseGitAddress('http://user:secret@127.0.0.1:9/x.git', '/') as GitAddress, ref: 'main' })
  const refused = await away.fetch(signal) as string
  t.regex(refused, /127\.0\.0\.1/)
  t.notRegex(refused, /secret/)
})

test('addresses that could run a program or be an option are refused', (t) => {
  for (const url of ['ext::sh -c id', 'ext::id', '--upload-pack=id', '-x', 'EXT::id', 'fd::7', 'ftp://example.com/x', 'relative', 'ssh://-oProxyCommand=id/x', 'https://example.com/a b', '']) {
    t.is(typeof parseGitAddress(url, '/'), 'string', url)
  }
  for (const url of ['https://git.example.com/x.git', 'ssh://git@example.com/x', 'git@example.com:org/x.git', '/srv/x.git', 'git://127.0.0.1:9418/x']) {
    t.is(typeof parseGitAddress(url, '/'), 'object', url)
  }
  for (const ref of ['-x', 'a..b', 'a b', 'main:x', '+main', 'a.lock', 'x/', 'a@{1}', '']) t.is(typeof refProblem(ref), 'string', ref)
  t.is(refProblem('release/1.0'), undefined)
  t.like(parseGitAddress('https://token@example.com/x', '/'), { shown: 'https://example.com/x' })
})
