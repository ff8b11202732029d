import { BlockList, isIPv4 } from "node:net";

/** Whether two ranges share an address. Both must be CIDRs. */
export function overlap(one: string, other: string): boolean {
  return contains(one, other) || contains(other, one);
}

/** Whether a range holds the first address of another. */
function contains(range: string, other: string): boolean {
  const [network = "", bits] = range.split("/");
  const [first = ""] = other.split("/");
  const list = new BlockList();
  list.addSubnet(network, Number(bits), family(network));
  return list.check(first, family(first));
}

/** A range that has addresses in common with one before it. */
export interface Overlap {
  readonly key: string;
  readonly range: string;
  /** What is expected instead, in words that follow "expected". */
  readonly expected: string;
}

/** The ranges that are not apart from those before them. */
export function overlaps(ranges: Readonly<Record<string, string>>): Overlap[] {
  const entries = Object.entries(ranges);
  return entries.flatMap(([key, range], index) =>
    entries
      .slice(0, index)
      .filter(([, taken]) => overlap(range, taken))
      .map(([before, taken]) => ({ key, range, expected: `a range apart from that of ${before}, ${taken}` })),
  );
}

const family = (address: string) => (isIPv4(address) ? "ipv4" : "ipv6");
