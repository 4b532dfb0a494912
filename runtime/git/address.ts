import { isAbsolute, resolve } from 'node:path'

/** A repository that may be fetched from. */
export interface GitAddress {
  /** What git is given; never begins with `-`. */
  readonly url: string
  /** The only transport that git may use for it, redirects included. */
  readonly protocol: 'http' | 'https' | 'ssh' | 'git' | 'file'
  /** Without credentials, for people. */
  readonly shown: string
}

const remote = ['http', 'https', 'ssh', 'git'] as const

/**
 * Reads what stands behind `--git`. Remote helpers (`ext::sh -c …`) and unknown schemes are refused whatever their case; a local
 * repository is one only where the user wrote a path or `file:`. A string says what is wrong.
 */
export function parseGitAddress (text: string, cwd: string): GitAddress | string {
  if (text === '' || text.startsWith('-') || /[\x00-\x20\x7f]/.test(text)) return 'not the address of a repository'
  if (text.includes('::')) return 'remote helpers are not allowed'
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//.exec(text)?.[1]?.toLowerCase()
  if (scheme === 'file') return local(text.slice('file://'.length))
  if (scheme !== undefined) return withScheme(text, scheme)
  if (isAbsolute(text) || /^\.\.?\//.test(text)) return local(resolve(cwd, text))
  if (/^[A-Za-z0-9._-]+@[A-Za-z0-9.-]+:[^:]+$/.test(text)) return { url: text, protocol: 'ssh', shown: text }
  return 'write https://…, ssh://…, git://…, user@host:path, or a path that begins with / or ./'
}

function local (path: string): GitAddress | string {
  return path.startsWith('/') ? { url: path, protocol: 'file', shown: path } : 'a local repository needs an absolute path'
}

function withScheme (text: string, scheme: string): GitAddress | string {
  const protocol = remote.find((known) => known === scheme)
  if (protocol === undefined) return `${scheme}: is not among http, https, ssh, git and file`
  if (!URL.canParse(text)) return 'not a valid URL'
  const url = new URL(text)
  // A host that begins with a dash would be an option to ssh.
  if (url.hostname === '' || url.hostname.startsWith('-')) return 'the URL has no valid host'
  const shown = new URL(url)
  shown.username = shown.password = ''
  return { url: url.href, protocol, shown: shown.href }
}
