import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { stringify } from "yaml";
import { readKubeconfig } from "../kubernetes/kubeconfig";
import { UserError } from "../errors";
import { stopControllers } from "./controllers/controllers";
import { labPaths } from "../paths";
import { freePorts } from "./ports";
import { unreachable } from "../kubernetes/reachable";
import { applyStages, commonStages } from "./stages";
import type { ToolName } from "../toolchain/tools";

/** The tools of a simulated cluster. */
export const simulatedTools = [
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "kwok",
  "kwokctl",
  "kubectl",
] as const satisfies ToolName[];

type Tools = Record<(typeof simulatedTools)[number], string>;

/** The number of simulated nodes: Linkerd's HA mode requires three. */
const nodes = 3;

const clusterName = "lab";

/** The options for ports in kwokctl's configuration. */
const portOptions = [
  "kubeApiserverPort",
  "etcdPort",
  "etcdPeerPort",
  "kubeControllerManagerPort",
  "kubeSchedulerPort",
  "kwokControllerPort",
];

/**
 * Creates a simulated cluster, or restarts it if its processes have ended: a real control plane (etcd, API server,
 * controller manager, scheduler) on loopback, with simulated nodes. kwok marks pods as running; no container runs.
 */
export async function startSimulated(lab: string, tools: Tools): Promise<void> {
  const { cluster, kubeconfig } = labPaths(lab);
  const complete = join(cluster, "complete");
  const settings = join(cluster, "clusters", clusterName, "kwok.yaml");
  const created = existsSync(settings) && existsSync(kubeconfig);
  mkdirSync(cluster, { recursive: true, mode: 0o700 });
  if (!created) {
    rmSync(complete, { force: true });
    await deleteSimulated(lab, tools.kwokctl);
    await kwokctl(lab, tools.kwokctl, await createArgs(lab, tools));
  } else if ((await unreachable(readKubeconfig(kubeconfig))) !== undefined) {
    await kwokctl(lab, tools.kwokctl, ["start", "cluster", "--wait", "60s"]);
  }
  if (existsSync(complete)) return;
  await applyStages({ path: tools.kubectl, kubeconfig }, commonStages);
  await kwokctl(lab, tools.kwokctl, ["scale", "node", "--replicas", String(nodes)]);
  writeFileSync(complete, "");
}

export async function deleteSimulated(lab: string, kwokctlPath: string): Promise<void> {
  await stopControllers(lab);
  if (!existsSync(join(labPaths(lab).cluster, "clusters", clusterName))) return;
  await kwokctl(lab, kwokctlPath, ["delete", "cluster", "--kubeconfig", labPaths(lab).kubeconfig]);
}

async function createArgs(lab: string, tools: Tools): Promise<string[]> {
  const { cluster, kubeconfig } = labPaths(lab);
  const config = join(cluster, "kwokctl.yaml");
  const ports = await freePorts(portOptions.length);
  const options = {
    // kwokctl's default is all addresses of the machine, including for etcd, which has no authentication.
    bindAddress: "127.0.0.1",
    // kwokctl would choose the same ports in concurrent runs.
    ...Object.fromEntries(portOptions.map((option, index) => [option, ports[index]])),
  };
  writeFileSync(
    config,
    stringify({ apiVersion: "config.kwok.x-k8s.io/v1alpha1", kind: "KwokctlConfiguration", options }),
  );
  return [
    ...["create", "cluster", "--runtime", "binary", "--config", config, "--kubeconfig", kubeconfig],
    ...["--wait", "60s"],
    // Only the stages in simulator/stages apply, not kwok's default stages.
    ...["--enable-crds", "Stage"],
    ...["--etcd-binary", tools.etcd],
    ...["--kube-apiserver-binary", tools["kube-apiserver"]],
    ...["--kube-controller-manager-binary", tools["kube-controller-manager"]],
    ...["--kube-scheduler-binary", tools["kube-scheduler"]],
    ...["--kwok-controller-binary", tools.kwok],
    // No webhook server runs here, so webhooks would fail or delay requests.
    ...[
      "--extra-args",
      "kube-apiserver=disable-admission-plugins=MutatingAdmissionWebhook,ValidatingAdmissionWebhook",
    ],
    // A lab's data is disposable: do not wait for the disk.
    ...["--extra-args", "etcd=unsafe-no-fsync=true"],
  ];
}

async function kwokctl(lab: string, path: string, args: string[]): Promise<void> {
  const { exitCode, stderr } = await execa(path, ["--name", clusterName, ...args], {
    env: { KWOK_WORKDIR: labPaths(lab).cluster },
    stdin: "ignore",
    reject: false,
  });
  if (exitCode === 0) return;
  const reasons = stderr.split("\n").map(message).filter(Boolean).slice(-3).join("; ");
  throw new UserError(
    `The simulated cluster of the lab "${lab}" did not start (kwokctl ${args.slice(0, 2).join(" ")}: ${reasons}). ` +
      `Its logs are in ${join(labPaths(lab).cluster, "clusters", clusterName, "logs")}; ` +
      `npm run lab -- down --name ${lab} removes it.`,
  );
}

/** The error message of a log line. kwokctl logs JSON lines if standard error is not a terminal. */
function message(line: string): string {
  try {
    const { msg, err, level } = JSON.parse(line) as { msg: string; err?: unknown; level: string };
    return level === "ERROR" || err ? [msg, err].filter(Boolean).join(": ") : "";
  } catch {
    return line.trim();
  }
}
