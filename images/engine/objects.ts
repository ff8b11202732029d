import { execa } from "execa";

/** How long Docker may take for each command, in milliseconds. */
const limit = 60_000;

/** Removes all containers and networks, with their interfaces and firewall rules. */
export async function removeObjects(docker: string, env: NodeJS.ProcessEnv): Promise<void> {
  const run = (...args: string[]) =>
    execa(docker, args, { env, reject: false, timeout: limit, killSignal: "SIGKILL", stdin: "ignore" });
  const ids = async (...args: string[]) => (await run(...args)).stdout?.split("\n").filter(Boolean) ?? [];
  const containers = await ids("ps", "--all", "--quiet");
  if (containers.length > 0) await run("rm", "--force", "--volumes", ...containers);
  const networks = await ids("network", "ls", "--quiet", "--filter", "type=custom");
  if (networks.length > 0) await run("network", "rm", ...networks);
}
