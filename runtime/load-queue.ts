/** Runs one load at a time. Of those that wait only the newest is run; the others are told so. */
export interface LoadQueue<Item, Result> {
  push (item: Item): Promise<Result>
  /** Runs something else between two loads. */
  alone<T> (act: () => Promise<T>): Promise<T>
}

export function createLoadQueue<Item, Result> (load: (item: Item) => Promise<Result>, superseded: Result): LoadQueue<Item, Result> {
  let last: Promise<unknown> = Promise.resolve()
  let newest = 0

  function alone<T> (act: () => Promise<T>): Promise<T> {
    const result = last.then(act)
    last = result.catch(() => {})
    return result
  }

  return {
    push (item) {
      const number = ++newest
      return alone(async () => number < newest ? superseded : load(item))
    },
    alone
  }
}
