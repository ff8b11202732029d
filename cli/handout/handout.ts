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
  /** The target folder, relative to the user's working directory. */
  to: string;
  /** A file with the stack's outputs. Default: read with the Pulumi CLI. */
  outputs?: string;
}

/** The files of the handout. */
export interface HandoutReport {
  folder: string;
  roster: string;
  seats: string[];
}

/**
 * Writes the handout of a workshop: a page for each seat, the instructor's roster, and the keys in `admin`. Only the
 * user can read the files.
 */
export async function handout(options: HandoutOptions, progress: Progress): Promise<HandoutReport> {
  const workingDirectory = process.env["INIT_CWD"] ?? ".";
  const { stack } = options;
  const file = options.outputs === undefined ? undefined : resolve(workingDirectory, options.outputs);
  const pulumi = file === undefined ? (await ensureTools(["pulumi"], progress)).pulumi : "";
  const outputs = await workshopOutputs(stack, pulumi, file);
  const folder = resolve(workingDirectory, options.to);
  writeHandout(outputs, folder);
  return { folder, roster: join(folder, "roster.html"), seats: Object.keys(outputs.seats) };
}

/**
 * Writes the handout into the folder, and removes the pages and keys of seats that no longer exist.
 *
 * @throws UserError if the folder contains other files
 */
export function writeHandout(outputs: WorkshopOutputs, folder: string): void {
  const marker = join(folder, ".faasmesh-handout");
  if (existsSync(folder) && readdirSync(folder).length > 0 && !existsSync(marker))
    throw new UserError(
      `--to: got ${folder}, which contains other files, expected an empty folder or that of an earlier handout.`,
    );
  const style = readFileSync(join(__dirname, "style.css"), "utf8");
  write(marker, "Passwords and keys of a workshop. `npm run lab -- handout` overwrites this folder.\n");
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
  // Regardless of the umask, and also if the folder already exists.
  chmodSync(dirname(file), 0o700);
  writeFileSync(`${file}.new`, text, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}
