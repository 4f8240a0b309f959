/**
 * What the attempts of one client are counted under: an IPv4 address; of an IPv6 address its /64, all of
 * which whoever has one of them has.
 */
export function clientBlock(address: string): string {
  const mapped = /^::ffff:(\d+(?:\.\d+){3})$/i.exec(address)?.[1];
  if (mapped !== undefined || !address.includes(':')) return mapped ?? address;
  const [head = '', tail] = address.split('::');
  const [leading, trailing] = [head, tail ?? ''].map((part) => part.split(':').filter((group) => group !== ''));
  const zeros = Array<string>(Math.max(0, 8 - (leading?.length ?? 0) - (trailing?.length ?? 0))).fill('0');
  const groups = [...(leading ?? []), ...zeros, ...(trailing ?? [])];
  return `${groups
    .slice(0, 4)
    .map((group) => parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}
