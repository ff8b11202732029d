import type { Changes } from "../../engine/changes";

/** What `up`, `preview` and `down` report. */
export interface LabReport {
  name: string;
  changes: Changes;
  seconds: number;
}

/** Starts a timer. @returns a function that returns the seconds elapsed, rounded to a tenth */
export function stopwatch(): () => number {
  const start = performance.now();
  return () => Math.round((performance.now() - start) / 100) / 10;
}
