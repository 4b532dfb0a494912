/** The message of a workflow command of GitHub. */
export function githubData (text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

/** The value of a property of a workflow command. */
export function githubProperty (text: string): string {
  return githubData(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}
