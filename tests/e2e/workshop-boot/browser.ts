import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Browser, chromium as driver } from "playwright-core";
import { projectRoot } from "../../../paths";

/** Screenshots and PDFs of tests, for people to look at. */
export const artifacts = join(projectRoot, "test-artifacts");

/** The path of an artifact. */
export function artifact(name: string): string {
  mkdirSync(artifacts, { recursive: true });
  return join(artifacts, name);
}

/**
 * Headless Chromium.
 *
 * @param spki SHA-256, in base64, of the one key that is believed besides those that everyone believes
 */
export function browse(executablePath: string, spki?: string): Promise<Browser> {
  const args = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"];
  if (spki !== undefined) args.push(`--ignore-certificate-errors-spki-list=${spki}`);
  return driver.launch({ executablePath, args, timeout: 120_000 });
}
