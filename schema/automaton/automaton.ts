/**
 * The route automaton of one bundle: integer tables and the strings they refer to, nothing else, so that it can be written to a file and
 * posted to another thread. `match.ts` reads it, `tables.ts` writes it.
 */
export interface Automaton {
  /** Known methods; each has a column in `rows`, all others share the last one. */
  readonly methods: readonly string[]
  /** `api.example.com`, `*.example.com`, or empty for any other host. */
  readonly hosts: readonly string[]
  /** Listener, index into `hosts`, offset of the first node; again and again. */
  readonly roots: Int32Array
  /** How many segments the matcher must be able to note. */
  readonly depths: number
  /**
   * Nodes of a radix tree over the path's bytes. At a node's offset: row of decisions when the path ends here, or -1 where no literal segment ends; then a word with, from the top, 1 bit
   * "a segment begins here", 15 bits length of the label, 8 bits number of entries, 8 bits byte of the first entry; then the entries, offsets of
   * children by byte, 0 for none; then the label's bytes, padded to a word.
   * Where a segment begins, words in front of the offset say what to do when it is no literal one: -1 twice its depth; -2 mode; -3 row (modes
   * absorb, skip) or offset of (row, node) pairs by class (classify); -4 node after the next slash (skip) or offset into `dfas` (classify); -5 row
   * for an empty segment inside the path.
   */
  readonly nodes: Int32Array
  /** By row and method: a route, -1, -2, or -3 less an offset into `decisions`. Row 0 is all -1. */
  readonly rows: Int32Array
  /** At an offset: offset into `classifiers`, then a target as in `rows` for each class of the field's value. */
  readonly decisions: Int32Array
  /** At an offset: index into `fields`, index of the first of `values`, their number, offset into `dfas` or -1, classes of the values, classes of other values. */
  readonly classifiers: Int32Array
  /** `header x-name`, `query name`, `cookie name`. */
  readonly fields: readonly string[]
  readonly values: readonly string[]
  /** At an offset: offset into `classMaps`, offset into `wideMaps`, number of words there; then the states: accept class, offset of the successor by character class. */
  readonly dfas: Int32Array
  /** Class of the characters 0 to 255, map after map. */
  readonly classMaps: Uint8Array
  /** Classes of all other characters: first, last, class; sorted. */
  readonly wideMaps: Int32Array
}
