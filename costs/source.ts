/** The date of a price, and where to find the current one. */
export interface Source {
  /** When the price was read, ISO 8601. */
  readonly asOf: string;
  /** URL of the page with the price. */
  readonly source: string;
}

/** Hours per month in the billing of Google and most others. */
export const hoursPerMonth = 730;
