import { UserError } from "../../errors";
import { vmDownloads } from "../../versions";
import { checkDownloads } from "./pins";

// npm run check-downloads: whether what workshop VMs download is still what the catalogue pins.

checkDownloads(vmDownloads, console.log).catch((error: unknown) => {
  console.error(error instanceof UserError ? error.message : error);
  process.exitCode = 1;
});
