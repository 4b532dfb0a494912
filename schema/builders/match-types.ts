/**
 * `Match` itself when its form is right; else the nearest right form, so that the editor's message and its completions show it. Which
 * methods exist is open; that they are in upper case and that a path begins with `/` is not. Parts that the compiler does not know pass.
 */
export type CheckedMatch<Match extends string> = Match extends `/${string}` ? Match : NoInfer<CheckedText<Match>>

type CheckedText<Match extends string> =
  Match extends `${infer Methods} ${infer Path}` ? `${CheckedMethods<Methods>} ${CheckedPath<Path>}`
    : Match extends '' ? `${'' | 'GET ' | 'POST ' | 'PUT ' | 'PATCH ' | 'DELETE '}/`
      : {} extends Record<Match, 1> ? Match
        : Match extends Uppercase<Match> ? `${Match} /` : `/${Match}`

type CheckedMethods<Methods extends string> = string extends Methods ? Methods : Uppercase<Methods>
type CheckedPath<Path extends string> = Path extends `/${string}` ? Path : string extends Path ? Path : `/${Path}`

/** Names of the path parameters of a match as a union; `*` for an unnamed rest; `string` when the match is not wholly known to the compiler. */
export type PathParams<Match extends string> = {} extends Record<Match, 1> ? string : Named<Match> | (Match extends `${string}/*` ? '*' : never)

/** What follows a colon, up to the next slash, holds one name; what stands behind the name is literal text or a regular expression. */
type Named<Path extends string> =
  Path extends `${string}:${infer Rest}`
    ? Rest extends `${infer Segment}/${infer Tail}` ? LeadingName<Segment> | Named<Tail> : LeadingName<Rest>
    : never

type LeadingName<Text extends string, Name extends string = ''> =
  Text extends `${infer First extends WordCharacter}${infer Rest}` ? LeadingName<Rest, `${Name}${First}`> : Name extends '' ? never : Name

type WordCharacter =
  | 'a' | 'b' | 'c' | 'd' | 'e' | 'f' | 'g' | 'h' | 'i' | 'j' | 'k' | 'l' | 'm' | 'n' | 'o' | 'p' | 'q' | 'r' | 's' | 't' | 'u' | 'v' | 'w' | 'x' | 'y' | 'z'
  | 'A' | 'B' | 'C' | 'D' | 'E' | 'F' | 'G' | 'H' | 'I' | 'J' | 'K' | 'L' | 'M' | 'N' | 'O' | 'P' | 'Q' | 'R' | 'S' | 'T' | 'U' | 'V' | 'W' | 'X' | 'Y' | 'Z'
  | '0' | '1' | '2' | '3' | '4' | '5' | '6' | '7' | '8' | '9' | '_'
