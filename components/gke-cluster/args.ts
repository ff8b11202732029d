import type { SandboxArgs } from "../../clouds/sandbox";
import { adminCidrProblems, cidrProblems, overlaps } from "../../validation/cidr";
import { type Problem, throwIfInvalid } from "../../errors";

/** The arguments of `GkeCluster`. */
export interface GkeArgs {
  /** The ID of the Google Cloud project. */
  project: string;

  /** A region, with nodes in three zones, or one zone: `europe-west3` or `europe-west3-a`. */
  location: string;

  /** The name of the cluster: at most 24 lower-case letters, digits and '-', beginning with a letter. */
  clusterName: string;

  /**
   * The ranges, as CIDRs, from which the API server can be reached: at least one, which includes the machine that runs
   * Pulumi. The whole internet is rejected.
   */
  adminCidrs: string[];

  /** Whether Google rejects the deletion of the cluster, including by `pulumi destroy`. */
  deletionProtection: boolean;

  /** The release channel, which determines how soon the cluster is upgraded to new versions. Default: REGULAR. */
  releaseChannel?: "RAPID" | "REGULAR" | "STABLE";

  /** The minimum version of the control plane, such as `1.35`. Default: the version of the channel. */
  minVersion?: string;

  /** The machine type of nodes. Default: e2-standard-4. */
  machineType?: string;

  /** The disk size of nodes, in GB. Default: 50. */
  diskSizeGb?: number;

  /** The number of nodes in each zone, between which the cluster scales. Default: 1 to 3. */
  nodes?: {
    /** The minimum number of nodes. */
    min: number;
    /** The maximum number of nodes. */
    max: number;
  };

  /** The ranges of the network, as CIDRs, which must not overlap. Default: see each range. */
  ranges?: Partial<GkeRanges>;

  /**
   * Whether to enable Google's Gateway API. It includes the CRDs, which must then not be installed again.
   * Default: false.
   */
  gatewayApi?: boolean;

  /**
   * Whether to bind the Google account that runs the program to `cluster-admin`, as in the guide. A run with another
   * account changes the binding. Default: false; IAM roles apply.
   */
  bindAdmin?: boolean;

  /** The owner and expiry of a temporary cluster, which are recorded in its labels. Default: none. */
  sandbox?: SandboxArgs;
}

/** The ranges of a `GkeCluster`, as CIDRs. */
export interface GkeRanges {
  /** The range of nodes. Default: 10.64.0.0/20. */
  nodes: string;
  /** The range of pods. Default: 10.68.0.0/14. */
  pods: string;
  /** The range of Services. Default: 10.72.0.0/20. */
  services: string;
  /** The range of the control plane, a /28. Default: 172.16.0.0/28. */
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

/** Returns the region of a location, which is a region or a zone. */
export const regionOf = (location: string): string => location.replace(/-[a-z]$/, "");

/**
 * Checks the arguments and adds the defaults.
 * @throws UserError that reports all errors together
 */
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
  throwIfInvalid(`GkeCluster "${args.clusterName}"`, problemsOf(settings));
  return settings;
}

function problemsOf({ clusterName, adminCidrs, nodes, ranges }: GkeSettings): Problem[] {
  const cidrs = Object.entries<string>({ ...ranges });
  const invalid = cidrs.flatMap(([key, cidr]) => cidrProblems(`ranges.${key}`, [cidr]));
  const problems: Problem[] = [...invalid, ...adminCidrProblems(adminCidrs)];
  const problem = (key: string, got: unknown, expected: string, fix: string) =>
    problems.push({ key, got: JSON.stringify(got), expected, fix });
  if (invalid.length === 0)
    for (const { key, range, expected } of overlaps({ ...ranges }))
      problem(`ranges.${key}`, range, expected, "choose another one");
  // The name is part of a service account's name, whose length is limited.
  if (!/^[a-z]([a-z0-9-]{0,22}[a-z0-9])?$/.test(clusterName))
    problem(
      "clusterName",
      clusterName,
      "at most 24 lower-case letters, digits and '-', beginning with a letter and ending with a letter or digit",
      "choose another name",
    );
  if (nodes.min > nodes.max) problem("nodes", nodes, "min at most max", "raise max or lower min");
  if (!ranges.controlPlane.endsWith("/28"))
    problem("ranges.controlPlane", ranges.controlPlane, "a /28 range", "use a range such as 172.16.0.0/28");
  return problems;
}
