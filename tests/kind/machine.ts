import { existsSync, readdirSync, readFileSync } from "node:fs";
import { execa } from "execa";
import { saveFirewall, withFirewall } from "../../images/engine/firewall";
import { unpacked } from "../../images/engine/packages";
import { plainProgress } from "../../toolchain/progress";

/** What a container engine can leave on a machine. */
export interface MachineState {
  readonly interfaces: readonly string[];
  readonly mounts: readonly string[];
  readonly processes: readonly string[];
  readonly cgroups: readonly string[];
  readonly files: readonly string[];
  readonly firewall: readonly string[];
  readonly forwarding: string;
}

const places = [
  "/etc/docker",
  "/opt/containerd",
  "/run/containerd",
  "/run/docker",
  "/lib/modules",
  "/var/lib/docker",
];

/** The programs of an engine and of kind nodes. Those of other tests are ignored. */
const ofEngine = /^(dockerd|docker-proxy|docker-init|containerd.*|runc|systemd|kubelet|kube-proxy|coredns)$/;

export async function machineState(): Promise<MachineState> {
  const { stdout } = await execa("ps", ["-e", "-o", "comm="]);
  const { stdout: links } = await execa("ip", ["-oneline", "link"]);
  const list = (folder: string) => (existsSync(folder) ? readdirSync(folder) : []);
  return {
    interfaces: links
      .split("\n")
      .flatMap((line) => /^\d+: ((?:br-|docker|veth)[^:@]*)/.exec(line)?.[1] ?? []),
    mounts: readFileSync("/proc/self/mounts", "utf8").split("\n").sort(),
    processes: stdout
      .split("\n")
      .map((name) => name.trim())
      .filter((name) => ofEngine.test(name))
      .sort(),
    cgroups: list("/sys/fs/cgroup").flatMap((name) =>
      list(`/sys/fs/cgroup/${name}`).filter(isCgroupOfEngine),
    ),
    files: [...places.filter(existsSync), ...list("/var/tmp").filter((name) => name.startsWith("faasmesh"))],
    firewall: (await firewall()).filter((line) => /^-A|^:\S+ DROP/.test(line)),
    forwarding: readFileSync("/proc/sys/net/ipv4/ip_forward", "utf8"),
  };
}

async function firewall(): Promise<string[]> {
  const step = plainProgress(process.stderr).step("Docker engine");
  const packages = await unpacked("docker.io", ["docker.io"], ["usr/sbin/dockerd", "--version"], step);
  const { rules } = await saveFirewall(await withFirewall(packages));
  return rules.split("\n").map((line) => line.replace(/ \[\d+:\d+\]$/, ""));
}

const isCgroupOfEngine = (name: string) => /^(docker|faasmesh-engine.*)$/.test(name);
