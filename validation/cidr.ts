import { BlockList, isIPv4 } from "node:net";
import type { Problem } from "../errors";
import { isCidr } from "./validators";

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

/** Returns a problem for each text that is not a range. */
export function cidrProblems(key: string, texts: readonly string[]): Problem[] {
  return texts
    .filter((text) => !isCidr(text))
    .map((text) => ({
      key,
      got: JSON.stringify(text),
      expected: "a range in CIDR notation",
      fix: "use a range such as 192.0.2.0/24",
    }));
}

/** Returns the problems of the ranges from which a cluster can be administered. */
export function adminCidrProblems(adminCidrs: readonly string[]): Problem[] {
  const problem = { key: "adminCidrs", got: JSON.stringify(adminCidrs) };
  if (adminCidrs.length === 0)
    return [{ ...problem, expected: "at least one range", fix: "add the range that you connect from" }];
  const isOpen = adminCidrs.some((cidr) => cidr.endsWith("/0"));
  const expected = "ranges that are not the whole internet";
  return [
    ...cidrProblems("adminCidrs", adminCidrs),
    ...(isOpen ? [{ ...problem, expected, fix: "use the range that you connect from" }] : []),
  ];
}
