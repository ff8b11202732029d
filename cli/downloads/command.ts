import { Command } from "commander";
import { vmDownloads } from "../../versions";

/** `npm run check-downloads`. */
export const downloadsCommand = (): Command =>
  new Command("check-downloads")
    .description("Whether what workshop VMs download is still what the catalogue pins.")
    .action(async () => (await import("./check-downloads")).checkDownloads(vmDownloads, console.log));
