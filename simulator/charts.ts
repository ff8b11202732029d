import { join } from "node:path";

/** A mirror with small charts of this project, which stand in for upstream's where these cannot be reached. */
export const standInCharts = join(__dirname, "charts");
