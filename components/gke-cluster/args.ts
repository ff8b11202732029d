import type { SandboxArgs } from "../../clouds/sandbox";
import { overlaps } from "../../validation/cidr";
import { type Problem, throwIfInvalid } from "../../errors";

export interface GkeArgs {
  /** The Google Cloud project. */
  project: string;

  /** A region (three zones) or one zone, such as `europe-west3` or `europe-west3-a`. */
  location: string;

  /** The cluster's name: at most 24 lower-case letters, digits and '-', beginning with a letter. */
  clusterName: string;

  /** Ranges, as CIDRs, from which the API server can be reached. Yours must be in it. */
  adminCidrs: string[];

  /** Whether Google refuses to delete the cluster, also by `pulumi destroy`. */
  deletionProtection: boolean;

  /** How soon new versions of Kubernetes come. Default: REGULAR. */
  releaseChannel?: "RAPID" | "REGULAR" | "STABLE";

  /** The oldest version of the control plane, such as `1.35`. Default: the channel's. */
  minVersion?: string;

  /** The type and disk of nodes. Default: e2-standard-4, 50 GB. */
  machineType?: string;
  diskSizeGb?: number;

  /** How many nodes a zone has. Default: 1 to 3. */
  nodes?: { min: number; max: number };

  /**
   * The ranges of the network, as CIDRs, apart from each other; `controlPlane` has 28 bits.
   * Default: nodes 10.64.0.0/20, pods 10.68.0.0/14, services 10.72.0.0/20, controlPlane 172.16.0.0/28.
   */
  ranges?: Partial<GkeRanges>;

  /** Google's own Gateway API, with its definitions: then no one else may install them. Default: false. */
  gatewayApi?: boolean;

  /**
   * Whether the Google account that runs the program is bound to `cluster-admin`, as the guide does. Another
   * account's run changes the binding. Default: false, IAM's roles decide.
   */
  bindAdmin?: boolean;

  /** What it says of the lab that it is for, as labels. Default: it is for none. */
  sandbox?: SandboxArgs;
}

export interface GkeRanges {
  nodes: string;
  pods: string;
  services: string;
  controlPlane: string;
}

type Optional = "minVersion" | "sandbox";
export type GkeSettings = Required<Omit<GkeArgs, "ranges" | Optional>> & {
  ranges: GkeRanges;
} & Pick<GkeArgs, Optional>;

export const defaultRanges: GkeRanges = {
  nodes: "10.64.0.0/20",
  pods: "10.68.0.0/14",
  services: "10.72.0.0/20",
  controlPlane: "172.16.0.0/28",
};

/** The region of a location, which may be a zone of it. */
export const regionOf = (location: string): string => location.replace(/-[a-z]$/, "");

/** The arguments with their defaults. @throws UserError with all that is wrong */
export function checked(args: GkeArgs): GkeSettings {
  const settings: GkeSettings = {
    ...args,
    releaseChannel: args.releaseChannel ?? "REGULAR",
    machineType: args.machineType ?? "e2-standard-4",
    diskSizeGb: args.diskSizeGb ?? 50,
    nodes: args.nodes ?? { min: 1, max: 3 },
    ranges: { ...defaultRanges, ...args.ranges },
    gatewayApi: args.gatewayApi ?? false,
    bindAdmin: args.bindAdmin ?? false,
  };
  throwIfInvalid(`GkeCluster "${args.clusterName}"`, faultsOf(settings));
  return settings;
}

function faultsOf({ clusterName, adminCidrs, nodes, ranges }: GkeSettings): Problem[] {
  const problems: Problem[] = [];
  const problem = (key: string, got: unknown, expected: string, fix: string) =>
    problems.push({ key, got: JSON.stringify(got), expected, fix });
  for (const { key, range, expected } of overlaps({ ...ranges }))
    problem(`ranges.${key}`, range, expected, "take another one");
  // A service account's name, made of it, takes no more.
  if (!/^[a-z]([a-z0-9-]{0,22}[a-z0-9])?$/.test(clusterName))
    problem(
      "clusterName",
      clusterName,
      "at most 24 lower-case letters, digits and '-', beginning with a letter and ending with a letter or digit",
      "take another name",
    );
  if (!adminCidrs.length)
    problem("adminCidrs", adminCidrs, "at least one range", "name the one that you connect from");
  if (nodes.min > nodes.max) problem("nodes", nodes, "min no more than max", "raise max or lower min");
  if (!ranges.controlPlane.endsWith("/28"))
    problem(
      "ranges.controlPlane",
      ranges.controlPlane,
      "a range with 28 bits",
      "take one such as 172.16.0.0/28",
    );
  return problems;
}
