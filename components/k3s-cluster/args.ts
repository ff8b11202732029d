import type * as pulumi from "@pulumi/pulumi";
import type { ChartsArgs, PinName } from "../../charts/args";
import { podCidr, serviceCidr } from "../../clouds/k3s";
import { k3s as k3sVersion } from "../../versions";
import type { SandboxArgs } from "../../clouds/sandbox";
import { adminCidrProblems, cidrProblems, overlaps } from "../../validation/cidr";
import { type Problem, throwIfInvalid } from "../../errors";

/** The arguments of `K3sCluster`. */
export interface K3sArgs {
  /**
   * The name of the cluster, which is used for its tags and for the context of its kubeconfig: at most 40 lower-case
   * letters, digits and '-'.
   */
  clusterName: string;

  /** The DigitalOcean region of all machines, such as `fra1`. */
  region: string;

  /**
   * The ranges, as CIDRs, from which SSH (22) and the API server (6443) can be reached: at least one, which includes the
   * machine that runs Pulumi. The whole internet is rejected.
   */
  adminCidrs: string[];

  /** The number of servers, which run the control plane and pods: 1, or 3 for high availability. Default: 1. */
  servers?: 1 | 3;

  /** The number of agents, which run only pods. Default: 2. */
  agents?: number;

  /** A new number replaces all agents. The new agents join before the old ones are deleted. Default: 1. */
  agentGeneration?: number;

  /** The DigitalOcean size of servers. Default: `s-2vcpu-4gb`. */
  serverSize?: string;

  /** The DigitalOcean size of agents. Default: `s-2vcpu-4gb`. */
  agentSize?: string;

  /**
   * The image of machines, with cloud-init, systemd and nftables. A change does not replace existing machines.
   * Default: `ubuntu-24-04-x64`.
   */
  image?: string;

  /** The range of the private network, as CIDR. Default: 10.20.0.0/20. */
  vpcCidr?: string;

  /** The release of k3s. A new release is installed in place, servers first. Default: the pinned release. */
  version?: string;

  /** The SHA-256 of the k3s binary. Default: none; the checksums that the release publishes are used. */
  sha256?: string;

  /**
   * TCP ports of nodes that are open to the internet, such as host ports (80, 443) or node ports of an ingress.
   * Default: none; load balancers do not need any.
   */
  publicPorts?: number[];

  /** DigitalOcean's load balancers and volumes. Default: none; the cluster then has no API token. */
  cloud?: CloudArgs;

  /** The owner and expiry of a temporary cluster, which are recorded in the tags of its machines. Default: none. */
  sandbox?: SandboxArgs;
}

/** The arguments of DigitalOcean's add-ons in a `K3sCluster`. */
export interface CloudArgs extends ChartsArgs {
  /** A DigitalOcean API token. A secret. It is stored in the Secret kube-system/digitalocean. */
  token: pulumi.Input<string>;

  /** Whether to install DigitalOcean's CSI driver, with the default storage class. Default: true. */
  volumes?: boolean;
}

type Optional = "cloud" | "sandbox" | "sha256";
/** The arguments of `K3sCluster` with their defaults. */
export type K3sSettings = Required<Omit<K3sArgs, Optional>> & Pick<K3sArgs, Optional>;

/**
 * Checks the arguments and adds the defaults.
 * @throws UserError that reports all errors together
 */
export function checked(args: K3sArgs): K3sSettings {
  const settings: K3sSettings = {
    servers: 1,
    agents: 2,
    agentGeneration: 1,
    serverSize: "s-2vcpu-4gb",
    agentSize: "s-2vcpu-4gb",
    image: "ubuntu-24-04-x64",
    vpcCidr: "10.20.0.0/20",
    version: k3sVersion,
    publicPorts: [],
    ...withoutUndefined(args),
  };
  throwIfInvalid(`K3sCluster "${args.clusterName}"`, problemsOf(settings));
  return settings;
}

function problemsOf({
  servers,
  agents,
  adminCidrs,
  publicPorts,
  version,
  sha256,
  vpcCidr,
}: K3sSettings): Problem[] {
  const invalid = cidrProblems("vpcCidr", [vpcCidr]);
  const problems: Problem[] = [...invalid, ...adminCidrProblems(adminCidrs)];
  const problem = (key: string, got: unknown, expected: string, fix: string) =>
    problems.push({ key, got: JSON.stringify(got), expected, fix });
  if (invalid.length === 0)
    for (const { expected } of overlaps({ pods: podCidr, services: serviceCidr, vpcCidr }))
      problem("vpcCidr", vpcCidr, expected, "choose another one, such as 10.20.0.0/20");
  // etcd needs three members to tolerate the loss of one. Two members tolerate none.
  if (![1, 3].includes(servers)) problem("servers", servers, "1 or 3", "use 3 for high availability");
  if (!Number.isInteger(agents) || agents < 0)
    problem("agents", agents, "a whole number of at least 0", "use 0 to run pods only on servers");
  if (publicPorts.some((port) => reserved.includes(port)))
    problem(
      "publicPorts",
      publicPorts,
      `none of ${reserved.join(", ")}`,
      "remove the ports of SSH and of the cluster",
    );
  if (!/^v\d+\.\d+\.\d+\+k3s\d+$/.test(version))
    problem(
      "version",
      version,
      `a release of k3s such as ${k3sVersion}`,
      "use one from https://github.com/k3s-io/k3s/releases",
    );
  if (sha256 !== undefined && !/^[0-9a-f]{64}$/.test(sha256))
    problem(
      "sha256",
      sha256,
      "64 hexadecimal digits",
      "use the line `k3s` of the release's sha256sum-amd64.txt",
    );
  return problems;
}

/** Ports that must not be public: SSH, the API server, etcd, the kubelet. */
const reserved = [22, 2379, 2380, 6443, 10250];

/** Removes arguments that are `undefined`, so that their defaults apply. */
function withoutUndefined<T extends object>(args: T): T {
  return Object.fromEntries(Object.entries(args).filter(([, value]) => value !== undefined)) as T;
}

/** Returns the charts that the cluster needs: DigitalOcean's manifests. */
export function requiredCharts({ cloud }: Pick<K3sArgs, "cloud">): PinName[] {
  if (!cloud) return [];
  const volumes = ["digitalocean-csi-crds", "digitalocean-csi"] as const;
  return ["digitalocean-ccm", ...((cloud.volumes ?? true) ? volumes : [])];
}
