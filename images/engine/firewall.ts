import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { execa } from "execa";
import type { Unpacked } from "./packages";

/** The environment of unpacked packages with the iptables that works on this machine: nft, or else legacy. */
export async function withFirewall({ folder, env }: Unpacked): Promise<Record<string, string>> {
  for (const backend of ["nft", "legacy"]) {
    const alternative = join(folder, "alternatives", backend);
    if (!existsSync(join(alternative, "iptables"))) continue;
    const chosen = { ...env, PATH: [alternative, env["PATH"]].join(delimiter) };
    const { failed } = await execa("iptables", ["-t", "nat", "-S"], { env: chosen, reject: false });
    if (!failed) return chosen;
  }
  return env;
}

/** The rules of iptables by backend, as `iptables-save` prints them. */
export interface Firewall {
  readonly rules: string;
}

export async function saveFirewall(env: NodeJS.ProcessEnv): Promise<Firewall> {
  const { stdout } = await execa("iptables-save", [], { env, stdin: "ignore", reject: false });
  return { rules: stdout };
}

/** Removes the rules and chains of Docker that `before` does not have, and opens forwarding again if it was open. */
export async function restoreFirewall(before: Firewall, env: NodeJS.ProcessEnv): Promise<void> {
  const input = removal(before.rules, (await saveFirewall(env)).rules);
  if (input === "") return;
  const { failed, stderr } = await execa("iptables-restore", ["--noflush"], { env, input, reject: false });
  if (failed) console.error(`iptables-restore: ${stderr}\n${input}`);
}

/** Docker's rules name one of its chains or bridges, or let a container connect to itself. */
const ofDocker = (rule: string) =>
  /DOCKER|\bbr-[0-9a-f]{12}\b/.test(rule) || /-s (\S+)\/32 -d \1\/32 .*-j MASQUERADE/.test(rule);

/** The input of `iptables-restore` that removes Docker's rules and chains which are in `after` but not in `before`. */
export function removal(before: string, after: string): string {
  const known = tables(before);
  const parts: string[] = [];
  for (const [table, lines] of tables(after)) {
    const old = known.get(table) ?? [];
    const added = lines.filter((line) => !old.includes(line));
    const rules = added.filter((line) => line.startsWith("-A ") && ofDocker(line));
    const chains = added.flatMap((line) => /^:(DOCKER\S*) /.exec(line)?.[1] ?? []);
    const opened = added.includes(":FORWARD DROP") ? [":FORWARD ACCEPT [0:0]"] : [];
    const commands = [
      ...opened,
      ...rules
        .filter((rule) => !chains.includes(rule.split(" ")[1]!))
        .map((rule) => rule.replace("-A", "-D")),
      ...chains.map((chain) => `-F ${chain}`),
      ...chains.map((chain) => `-X ${chain}`),
    ];
    if (commands.length > 0) parts.push(`*${table}`, ...commands, "COMMIT");
  }
  return parts.map((line) => `${line}\n`).join("");
}

/** The lines of each table, without the counters, which change. */
function tables(rules: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  let current: string[] = [];
  for (const line of rules.split("\n")) {
    if (line.startsWith("*")) found.set(line.slice(1), (current = []));
    else current.push(line.replace(/ \[\d+:\d+\]$/, ""));
  }
  return found;
}
