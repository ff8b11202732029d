import type * as pulumi from "@pulumi/pulumi";
import type { ChartsArgs, PinName } from "../../charts/args";
import { podCidr, serviceCidr } from "../../clouds/k3s";
import { k3s as k3sVersion } from "../../versions";
import type { SandboxArgs } from "../../clouds/sandbox";
import { overlaps } from "../../validation/cidr";
import { type Problem, throwIfInvalid } from "../../errors";

export interface K3sArgs {
  /** The cluster's name: its tag and its kubeconfig's context. At most 40 lower-case letters, digits and '-'. */
  clusterName: string;

  /** DigitalOcean's region, such as `fra1`. All machines are in it. */
  region: string;

  /** Ranges, as CIDRs, from which SSH (22) and the API server (6443) can be reached. Yours must be in it. */
  adminCidrs: string[];

  /** Servers, which hold the control plane: 1, or 3 for high availability. Default: 1. */
  servers?: 1 | 3;

  /** Agents, which only run pods. Default: 2. Servers run pods too. */
  agents?: number;

  /** A new number replaces every agent: the new ones join before the old ones go. Default: 1. */
  agentGeneration?: number;

  /** DigitalOcean's size of servers and of agents. Default: `s-2vcpu-4gb`. */
  serverSize?: string;
  agentSize?: string;

  /** The image of new machines: one with cloud-init, systemd and nftables. Default: `ubuntu-24-04-x64`. */
  image?: string;

  /** The range of the private network. Default: 10.20.0.0/20. */
  vpcCidr?: string;

  /** The release of k3s. A new one is installed in place, servers first. Default: the pinned one. */
  version?: string;

  /** The SHA-256 of its binary. Default: what the release's own list of checksums says. */
  sha256?: string;

  /**
   * TCP ports of the nodes that are open to everyone: those of an ingress with host ports (80, 443) or node ports.
   * Default: none, as load balancers need none.
   */
  publicPorts?: number[];

  /** What needs DigitalOcean's API from within the cluster. Default: none of it, no token. */
  cloud?: CloudArgs;

  /** What its machines say of the lab that it is for, as tags. Default: it is for none. */
  sandbox?: SandboxArgs;
}

export interface CloudArgs extends ChartsArgs {
  /** A token of DigitalOcean's API; a secret. It is kept as the Secret kube-system/digitalocean. */
  token: pulumi.Input<string>;

  /** DigitalOcean's CSI driver: volumes, as the default storage class. Default: true. */
  volumes?: boolean;
}

type Optional = "cloud" | "sandbox" | "sha256";
export type K3sSettings = Required<Omit<K3sArgs, Optional>> & Pick<K3sArgs, Optional>;

/** The arguments with their defaults. @throws UserError with all that is wrong */
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
    ...defined(args),
  };
  throwIfInvalid(`K3sCluster "${args.clusterName}"`, faultsOf(settings));
  return settings;
}

function faultsOf({
  servers,
  agents,
  adminCidrs,
  publicPorts,
  version,
  sha256,
  vpcCidr,
}: K3sSettings): Problem[] {
  const problems: Problem[] = [];
  const problem = (key: string, got: unknown, expected: string, fix: string) =>
    problems.push({ key, got: JSON.stringify(got), expected, fix });
  for (const { expected } of overlaps({ pods: podCidr, services: serviceCidr, vpcCidr }))
    problem("vpcCidr", vpcCidr, expected, "take another one, such as 10.20.0.0/20");
  // Three members are the fewest that outlive the loss of one; two are worse than one.
  if (![1, 3].includes(servers)) problem("servers", servers, "1 or 3", "take 3 for high availability");
  if (!Number.isInteger(agents) || agents < 0)
    problem("agents", agents, "a whole number of at least 0", "take 0 to run pods on the servers alone");
  if (!adminCidrs.length)
    problem("adminCidrs", adminCidrs, "at least one range", "name the one that you connect from");
  if (adminCidrs.some((cidr) => cidr.endsWith("/0")))
    problem(
      "adminCidrs",
      adminCidrs,
      "ranges that are not the whole internet",
      "name the one that you connect from",
    );
  if (publicPorts.some((port) => reserved.includes(port)))
    problem(
      "publicPorts",
      publicPorts,
      `none of ${reserved.join(", ")}`,
      "leave SSH and the cluster's own ports closed",
    );
  if (!/^v\d+\.\d+\.\d+\+k3s\d+$/.test(version))
    problem(
      "version",
      version,
      `a release of k3s such as ${k3sVersion}`,
      "take one from https://github.com/k3s-io/k3s/releases",
    );
  if (sha256 !== undefined && !/^[0-9a-f]{64}$/.test(sha256))
    problem(
      "sha256",
      sha256,
      "64 hexadecimal digits",
      "take the line `k3s` of the release's sha256sum-amd64.txt",
    );
  return problems;
}

/** Ports that are never for everyone: SSH, the API server, etcd, the kubelet. */
const reserved = [22, 2379, 2380, 6443, 10250];

/** What is given: a key that is there without a value takes its default. */
function defined<T extends object>(args: T): T {
  return Object.fromEntries(Object.entries(args).filter(([, value]) => value !== undefined)) as T;
}

/** The charts that the cluster needs: manifests of DigitalOcean. */
export function requiredCharts({ cloud }: Pick<K3sArgs, "cloud">): PinName[] {
  if (!cloud) return [];
  const volumes = ["digitalocean-csi-crds", "digitalocean-csi"] as const;
  return ["digitalocean-ccm", ...((cloud.volumes ?? true) ? volumes : [])];
}
