import { join } from "node:path";

/** A mirror with stand-in charts: small replacements of this project for upstream charts, for tests and offline use. */
export const standInCharts = join(__dirname, "charts");
