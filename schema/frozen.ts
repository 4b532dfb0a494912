/** Freezes plain data all the way down and returns it. */
export function frozen<Data> (data: Data): Data {
  if (typeof data === 'object' && data !== null && !Object.isFrozen(data)) {
    Object.freeze(data)
    for (const member of Object.values(data)) frozen(member)
  }
  return data
}
