/**
 * What machines cost, for an estimate before the money is spent. Prices change, and bills decide: each table says of
 * when it is and where to look. A price that is not known is left out, and said to be unknown.
 */
export interface PriceTable {
  /** When the prices were looked up, ISO 8601. */
  readonly asOf: string;
  /** Where today's are. */
  readonly source: string;
  readonly currency: "USD";
  readonly sizes: Readonly<Record<string, MachineSize>>;
}

export interface MachineSize {
  readonly vcpus: number;
  /** Memory in GB. */
  readonly memory: number;
  /** Of a whole month; undefined where it is not known. */
  readonly monthly?: number;
}

const size = (vcpus: number, memory: number, monthly?: number): MachineSize => ({
  vcpus,
  memory,
  ...(monthly !== undefined && { monthly }),
});

/**
 * DigitalOcean's sizes of Droplets that do for a workshop, and those just below. Its prices are the list in force
 * since July 2022; of these only the entry price was compared again with the page, at the date below.
 */
const digitalocean = {
  asOf: "2026-09-20",
  source: "https://www.digitalocean.com/pricing/droplets",
  currency: "USD",
  sizes: {
    "s-1vcpu-1gb": size(1, 1, 6),
    "s-1vcpu-2gb": size(1, 2, 12),
    "s-2vcpu-2gb": size(2, 2, 18),
    "s-2vcpu-4gb": size(2, 4, 24),
    "s-4vcpu-8gb": size(4, 8, 48),
    "s-8vcpu-16gb": size(8, 16, 96),
    "s-2vcpu-4gb-amd": size(2, 4, 28),
    "s-4vcpu-8gb-amd": size(4, 8, 56),
    "s-8vcpu-16gb-amd": size(8, 16, 112),
    "s-2vcpu-4gb-intel": size(2, 4, 28),
    "s-4vcpu-8gb-intel": size(4, 8, 56),
    "s-8vcpu-16gb-intel": size(8, 16, 112),
    "s-2vcpu-8gb-amd": size(2, 8),
    "s-4vcpu-16gb-amd": size(4, 16),
    "s-2vcpu-8gb-160gb-intel": size(2, 8),
    "s-4vcpu-16gb-320gb-intel": size(4, 16),
    "c-2": size(2, 4, 42),
    "c-4": size(4, 8, 84),
    "c-8": size(8, 16, 168),
    "g-2vcpu-8gb": size(2, 8, 63),
    "g-4vcpu-16gb": size(4, 16, 126),
    "m-2vcpu-16gb": size(2, 16, 84),
  },
} as const satisfies PriceTable;

/** A table for each cloud. */
export const prices = { digitalocean } as const satisfies Record<string, PriceTable>;

export type Cloud = keyof typeof prices;

/** DigitalOcean bills a month as 28 days at most. */
const hoursOfMonth = 672;

/** What machines cost, in the currency of their table. */
export interface Cost {
  readonly perHour: number;
  readonly perDay: number;
}

/** What `count` machines of one size cost; undefined where the price is not known. */
export function costOf(cloud: Cloud, sizeName: string, count: number): Cost | undefined {
  const { sizes }: PriceTable = prices[cloud];
  const monthly = sizes[sizeName]?.monthly;
  if (monthly === undefined) return undefined;
  const perHour = (monthly / hoursOfMonth) * count;
  return { perHour: rounded(perHour, 4), perDay: rounded(perHour * 24, 2) };
}

/** The same as a sentence for a person. */
export function costText(cloud: Cloud, sizeName: string, count: number): string {
  const { asOf, source, currency } = prices[cloud];
  const what = `${count} VM${count === 1 ? "" : "s"} of size ${sizeName}`;
  const cost = costOf(cloud, sizeName, count);
  if (!cost) return `${what}: the price is unknown here; see ${source}`;
  const money = (amount: number) => `${amount.toFixed(2)} ${currency}`;
  return `${what}: about ${money(cost.perHour)} an hour, ${money(cost.perDay)} a day, without tax (prices of ${asOf}; ${source})`;
}

const rounded = (amount: number, digits: number): number => Number(amount.toFixed(digits));
