/**
 * Who counts as one client: an IPv4 address, or the /64 network of an IPv6 address, for a client has all of that to itself.
 * An IPv4 address in IPv6 form (`::ffff:192.0.2.1`) is the IPv4 address.
 */
export function addressBlock (address: string): string {
  if (!address.includes(':')) return address
  const plain = address.split('%', 1)[0]!.toLowerCase()
  if (plain.includes('.')) {
    const mapped = /^(?:::|(?:0{1,4}:){5})ffff:([\d.]+)$/.exec(plain)
    if (mapped !== null) return mapped[1]!
  }
  const [head = '', tail] = plain.split('::', 2)
  const front = groups(head)
  if (front.length < 4 && tail !== undefined) {
    const back = groups(tail)
    while (front.length + back.length < 8) front.push('0')
    front.push(...back)
  }
  return `${front.slice(0, 4).join(':')}::/64`
}

/** Groups without leading zeros; an IPv4 address at the end stands for two. */
function groups (text: string): string[] {
  if (text === '') return []
  return text.split(':').flatMap((group) => group.includes('.') ? ['0', '0'] : [group.replace(/^0+(?=.)/, '')])
}
