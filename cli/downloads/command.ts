import { Command } from "commander";
import { vmDownloads } from "../../versions";

/** `npm run check-downloads`. */
export const downloadsCommand = (): Command =>
  new Command("check-downloads")
    .description("Check that the downloads of workshop VMs still match the pinned SHA-256 checksums")
    .action(async () => (await import("./check-downloads")).checkDownloads(vmDownloads, console.log));
