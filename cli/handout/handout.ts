import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { UserError } from "../../errors";
import type { Progress } from "../../toolchain/progress";
import { ensureTools } from "../../toolchain/ensure";
import { type WorkshopOutputs, workshopOutputs } from "./outputs";
import { rosterPage, seatPage } from "./pages";

export interface HandoutOptions {
  /** The Pulumi stack of the workshop. */
  stack: string;
  /** The folder that is filled; meant from where the person stands. */
  to: string;
  /** A file with the stack's outputs. Default: the Pulumi CLI is asked. */
  outputs?: string;
}

/** Where the handout is, and whose pages there are. */
export interface HandoutReport {
  folder: string;
  roster: string;
  seats: string[];
}

/**
 * Writes the handout of a workshop: a page for each seat, the instructor's roster, and in `admin` the keys. Every file
 * can be read by its owner alone.
 */
export async function handout(options: HandoutOptions, progress: Progress): Promise<HandoutReport> {
  const from = process.env["INIT_CWD"] ?? ".";
  const { stack, outputs: file } = options;
  const pulumi = file === undefined ? (await ensureTools(["pulumi"], progress)).pulumi : "";
  const outputs = await workshopOutputs(stack, pulumi, file === undefined ? undefined : resolve(from, file));
  const folder = resolve(from, options.to);
  writeHandout(outputs, folder);
  return { folder, roster: join(folder, "roster.html"), seats: Object.keys(outputs.seats) };
}

/**
 * Fills the folder; pages and keys of seats that are gone go too.
 *
 * @throws UserError where there is something else in the folder
 */
export function writeHandout(outputs: WorkshopOutputs, folder: string): void {
  const marker = join(folder, ".faasmesh-handout");
  if (existsSync(folder) && readdirSync(folder).length > 0 && !existsSync(marker))
    throw new UserError(
      `${folder} has other files in it; name an empty folder, or one of a handout, with --to.`,
    );
  const style = readFileSync(join(__dirname, "style.css"), "utf8");
  write(marker, "Passwords and keys of a workshop. `npm run lab -- handout` writes this folder anew.\n");
  for (const part of ["seats", "admin"]) rmSync(join(folder, part), { recursive: true, force: true });
  write(join(folder, "roster.html"), rosterPage(outputs, style));
  for (const [name, seat] of Object.entries(outputs.seats)) {
    write(join(folder, "seats", `${name}.html`), seatPage(name, seat, outputs.workshop, style));
    write(join(folder, "admin", `${name}.key`), seat.sshPrivateKey);
    write(join(folder, "admin", `${name}.known_hosts`), `${seat.knownHost}\n`);
    write(join(folder, "admin", `${name}.kubeconfig`), seat.kubeconfig);
  }
}

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  // Whatever the umask is, and whatever was there before.
  chmodSync(dirname(file), 0o700);
  writeFileSync(`${file}.new`, text, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}
