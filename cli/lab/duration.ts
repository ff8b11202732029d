import { UserError } from "../../errors";

const units = { d: 86_400_000, h: 3_600_000, m: 60_000 } as const;

/** The maximum time to live, in days. */
const maxDays = 365;

/**
 * Parses a time to live.
 *
 * @param text days, hours and minutes such as `90m`, `4h`, `2d` or `1d12h`; or `never`
 * @returns milliseconds; null: no expiry
 * @throws UserError
 */
export function parseTtl(text: string): number | null {
  if (text === "never") return null;
  const [all = "", ...counts] = /^(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m)?$/.exec(text) ?? [];
  const milliseconds = Object.values(units).reduce(
    (sum, unit, index) => sum + unit * Number(counts[index] ?? 0),
    0,
  );
  if (all !== "" && milliseconds > 0 && milliseconds <= maxDays * units.d) return milliseconds;
  throw new UserError(
    `--ttl: got ${JSON.stringify(text)}, expected days, hours and minutes, from 1m to ${maxDays}d, or never; ` +
      `for example: --ttl 90m, --ttl 4h, --ttl 1d12h`,
  );
}

/** Formats a duration as `--ttl` accepts it, rounded to minutes, with its two largest units. */
export function formatDuration(milliseconds: number): string {
  let left = Math.round(milliseconds / units.m) * units.m;
  const parts = Object.entries(units).flatMap(([name, unit]) => {
    const count = Math.floor(left / unit);
    left -= count * unit;
    return count > 0 ? [`${count}${name}`] : [];
  });
  return parts.slice(0, 2).join("") || "0m";
}
