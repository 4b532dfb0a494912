const wide = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u
const zero = /\p{Mn}|\p{Me}|[\u200b-\u200f\ufe00-\ufe0f]/u

/** Columns that a text takes on a terminal: two for East Asian wide characters and emoji, none for combining marks. */
export function textWidth (text: string): number {
  let width = 0
  for (const character of text) width += wide.test(character) ? 2 : zero.test(character) ? 0 : 1
  return width
}
