/** A value as it is written in a file: in JSON as JSON, in a program in the quotes of this project's style. */
export function literal (file: string, value: string | number): string {
  const json = JSON.stringify(value)
  if (typeof value === 'number' || file.endsWith('.json')) return json
  return `'${json.slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`
}
