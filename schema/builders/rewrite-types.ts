import type { PathParams } from './match-types.ts'

/**
 * `Rewrite` itself when it is a path whose `{names}` are all path parameters of `Match`; else the union of right forms in which the first
 * wrong or unfinished `{…` is replaced by each parameter. The editor shows the union as its message and as completions inside the string.
 * Parts that the compiler does not know pass. Parameters are only computed where there is a brace: types are checked at every key stroke.
 */
export type CheckedRewrite<Rewrite extends string, Match extends string> =
  Rewrite extends `${string}{${string}` ? NoInfer<CheckedTemplate<Rewrite, PathParams<Match>>>
    : Rewrite extends `/${string}` ? Rewrite
      : NoInfer<{} extends Record<Rewrite, 1> ? Rewrite : `/${Rewrite}`>

type CheckedTemplate<Rewrite extends string, Params extends string> =
  Rewrite extends `/${string}` ? CheckedFrom<Rewrite, Params, ''>
    : {} extends Record<Rewrite, 1> ? Rewrite : `/${Rewrite}`

/** `Checked` is the part on the left that is right. */
type CheckedFrom<Rest extends string, Params extends string, Checked extends string> =
  Rest extends `${infer Before}{${infer After}`
    ? After extends `${infer Name}}${infer Tail}`
      ? Name extends Params ? CheckedFrom<Tail, Params, `${Checked}${Before}{${Name}}`> : Corrected<`${Checked}${Before}`, Behind<After, Name, Tail>, Params>
      : Corrected<`${Checked}${Before}`, Behind<After, After, ''>, Params>
    : `${Checked}${Rest}`

/** What stands behind a wrong name: a slash inside it ends a name whose brace was not closed, a space inside it ends a string that was not. */
type Behind<After extends string, Name extends string, Tail extends string> =
  Name extends `${string} ${string}` ? ''
    : Name extends `${infer Unfinished}/${string}` ? (After extends `${Unfinished}${infer Rest}` ? Rest : '') : Tail

/** Without any parameter the braces have to go. */
type Corrected<Before extends string, Tail extends string, Params extends string> = [Params] extends [never] ? `${Before}${Tail}` : `${Before}{${Params}}${Tail}`
