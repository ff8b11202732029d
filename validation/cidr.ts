import { BlockList, isIPv4 } from "node:net";

/** Whether two ranges overlap. Both must be CIDRs. */
export function overlap(one: string, other: string): boolean {
  return contains(one, other) || contains(other, one);
}

/** Whether a range contains the first address of another range. */
function contains(range: string, other: string): boolean {
  const [network = "", bits] = range.split("/");
  const [first = ""] = other.split("/");
  const list = new BlockList();
  list.addSubnet(network, Number(bits), family(network));
  return list.check(first, family(first));
}

/** A range that overlaps an earlier one. */
export interface Overlap {
  readonly key: string;
  readonly range: string;
  /** The expected value, as a phrase that follows "expected". */
  readonly expected: string;
}

/** Returns each range that overlaps one before it. */
export function overlaps(ranges: Readonly<Record<string, string>>): Overlap[] {
  const entries = Object.entries(ranges);
  return entries.flatMap(([key, range], index) =>
    entries
      .slice(0, index)
      .filter(([, earlier]) => overlap(range, earlier))
      .map(([other, earlier]) => ({
        key,
        range,
        expected: `a range that does not overlap ${other}, ${earlier}`,
      })),
  );
}

const family = (address: string) => (isIPv4(address) ? "ipv4" : "ipv6");
