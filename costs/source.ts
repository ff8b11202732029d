/** Of when a price is, and where today's is. Prices change, and bills decide. */
export interface Source {
  /** When the price was read, ISO 8601. */
  readonly asOf: string;
  /** The page that has it. */
  readonly source: string;
}

/** Google's and most others' month, in hours. */
export const hoursOfMonth = 730;
