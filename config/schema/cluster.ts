import { delimiter } from "node:path";
import { z } from "zod";
import { defaultRanges } from "../../components/gke-cluster/args";
import { overlaps } from "../../validation/cidr";
import { podCidr, serviceCidr } from "../../clouds/k3s";
import { k3s as k3sVersion } from "../../versions";
import { advice, always, choice, flag, wholeNumber } from "./fields";
import { kindIngressSchema } from "./kind-ingress";
import { lab, sandboxSchema } from "./sandbox";
import { isCidr, isDnsLabel, isPath } from "../../validation/validators";

/** The context from which defaults are read. */
export interface ClusterContext {
  /** The name of the Pulumi stack. */
  stack: string;
  /** Environment variables. */
  env: Readonly<Record<string, string | undefined>>;
}

const kinds = ["simulated", "kind", "existing", "k3s", "gke"] as const;

function kind<const K extends (typeof kinds)[number]>(value: K) {
  return z.literal(value).meta({
    description: "The kind of cluster.",
    expected: `one of: ${kinds.join(", ")}`,
    example: "simulated",
  });
}

function clusterName(maxLength: number, stack: string) {
  return z
    .string()
    .refine((name) => isDnsLabel(name, maxLength) && /^[a-z]/.test(name))
    .meta({
      description: "The name of the cluster.",
      expected: `at most ${maxLength} lower-case letters, digits and '-', beginning with a letter and ending with a letter or digit`,
      example: "faasmesh-dev",
      defaultText: "`faasmesh-<the name of the stack>`",
    })
    .prefault(`faasmesh-${stack}`);
}

function cidr(description: string, example: string) {
  return z.string().refine(isCidr).meta({ description, expected: "a range in CIDR notation", example });
}

const isWholeInternet = (range: unknown): boolean => typeof range === "string" && range.endsWith("/0");

const adminCidrs = z
  .array(cidr("A range that you connect from.", "203.0.113.7/32"))
  .min(1)
  .superRefine((ranges: string[] | undefined, context) => {
    ranges?.forEach((range, index) => {
      if (!isWholeInternet(range)) return;
      const message = advice("a range that is not the whole internet", "adminCidrs: [203.0.113.7/32]");
      context.addIssue({ code: "custom", path: [index], input: range, message });
    });
  }, always)
  .meta({
    description:
      "The ranges from which the API server, and SSH on k3s, can be reached. They must include the machine that runs Pulumi.",
    expected: "a list of ranges in CIDR notation, at least one",
    example: ["203.0.113.7/32"],
  });

function simulatedSchema(stack: string) {
  const meta = { ...lab.meta(), defaultText: "the name of the stack" };
  return z.strictObject({ kind: kind("simulated"), lab: lab.clone().meta(meta).prefault(stack) });
}

function kindSchema(stack: string) {
  const meta = {
    ...lab.meta(),
    description: "The lab that created the cluster. Without it, the program creates the cluster.",
  };
  return z.strictObject({
    kind: kind("kind"),
    lab: lab.clone().meta(meta).optional(),
    name: clusterName(50, stack),
    workers: wholeNumber(0, 10, "The number of nodes in addition to the control plane.", 2).default(0),
    ingress: kindIngressSchema.optional(),
  });
}

function existingSchema(env: ClusterContext["env"]) {
  const kubeconfig = z
    .string()
    .refine((path) => isPath(path) && !path.includes(delimiter))
    .meta({
      description: "The kubeconfig file of the cluster; `~` is your home directory.",
      expected: "the path of one file",
      example: "~/.kube/config",
      defaultText: "`$KUBECONFIG`, otherwise `~/.kube/config`",
    })
    .prefault(env["KUBECONFIG"] || "~/.kube/config");
  const context = z.string().min(1).meta({
    description: "The context in the kubeconfig file.",
    expected: "the name of a context",
    example: "admin@lab",
    defaultText: "the file's current context",
  });
  return z.strictObject({
    kind: kind("existing"),
    kubeconfig,
    context: context.optional(),
    loadBalancer: flag("Whether Services of type LoadBalancer get an address on this cluster.").default(
      false,
    ),
    gatewayApi: flag("Whether the cluster already has the CRDs of the Gateway API.").default(false),
    serviceCidr: cidr("The range of Services.", "10.96.0.0/16").optional(),
  });
}

const region = choice(
  ["ams3", "atl1", "blr1", "fra1", "lon1", "nyc1", "nyc2", "nyc3", "sfo2", "sfo3", "sgp1", "syd1", "tor1"],
  "The DigitalOcean region.",
);

function size(description: string) {
  return z
    .string()
    .regex(/^[a-z][a-z0-9_.]*-\d+vcpu-\d+gb(-[a-z0-9.]+)*$/)
    .meta({ description, expected: "a size of DigitalOcean, <class>-<n>vcpu-<n>gb", example: "s-2vcpu-4gb" })
    .default("s-2vcpu-4gb");
}

const cloudSchema = z
  .strictObject({
    token: z.string().min(1).meta({
      description: "A DigitalOcean API token, for the controllers in the cluster.",
      expected: "a token",
      example: "dop_v1_…",
      secret: true,
    }),
    volumes: flag("Whether to install DigitalOcean's CSI driver.").default(true),
  })
  .meta({
    description:
      "Load balancers and volumes of DigitalOcean, which controllers in the cluster create. Without this key the cluster has none.",
    example: { token: "dop_v1_…", volumes: true },
  });

function k3sSchema(stack: string) {
  return z
    .strictObject({
      kind: kind("k3s"),
      name: clusterName(40, stack),
      region,
      adminCidrs,
      servers: z
        .literal([1, 3])
        .meta({
          description: "The number of servers, which run the control plane; 3 for high availability.",
          expected: "1 or 3",
          example: 3,
        })
        .default(1),
      agents: wholeNumber(0, 50, "The number of agents: nodes without the control plane.", 2).default(2),
      agentGeneration: wholeNumber(1, 1_000, "A new number replaces all agents.", 2).default(1),
      serverSize: size("The size of servers."),
      agentSize: size("The size of agents."),
      vpcCidr: cidr("The range of the private network.", "10.20.0.0/20").default("10.20.0.0/20"),
      publicPorts: z
        .array(wholeNumber(1, 65_535, "A port of the nodes.", 443))
        .meta({
          description:
            "TCP ports of the nodes that are open to the internet, for an ingress without a load balancer.",
          expected: "a list of ports",
          example: [30080, 30443],
        })
        .default([]),
      version: z
        .string()
        .regex(/^v\d+\.\d+\.\d+\+k3s\d+$/)
        .meta({ description: "The release of k3s.", expected: "a release of k3s", example: k3sVersion })
        .default(k3sVersion),
      cloud: cloudSchema.optional(),
      sandbox: sandboxSchema.optional(),
    })
    .superRefine(({ vpcCidr }, context) => {
      if (!isCidr(vpcCidr)) return;
      addOverlaps({ pods: podCidr, services: serviceCidr, vpcCidr }, [], "vpcCidr: 10.20.0.0/20", context);
    }, always);
}

const rangesSchema = z
  .strictObject({
    nodes: cidr("The range of nodes.", defaultRanges.nodes).default(defaultRanges.nodes),
    pods: cidr("The range of pods.", defaultRanges.pods).default(defaultRanges.pods),
    services: cidr("The range of Services.", defaultRanges.services).default(defaultRanges.services),
    controlPlane: z
      .string()
      .refine((range) => isCidr(range) && range.endsWith("/28"))
      .meta({
        description: "The range of the control plane.",
        expected: "a /28 range in CIDR notation",
        example: "172.16.0.0/28",
      })
      .default(defaultRanges.controlPlane),
  })
  .superRefine((ranges, context) => {
    if (Object.values(ranges).every(isCidr)) addOverlaps(ranges, [], "services: 10.72.0.0/20", context);
  }, always)
  .meta({
    description: "The ranges of the cluster's network, which must not overlap.",
    example: defaultRanges,
  });

const nodesSchema = z
  .strictObject({
    min: wholeNumber(0, 1_000, "The minimum number of nodes in each zone.", 1).default(1),
    max: wholeNumber(1, 1_000, "The maximum number of nodes in each zone.", 3).default(3),
  })
  .superRefine(({ min, max }, context) => {
    if (min <= max) return;
    context.addIssue({
      code: "custom",
      path: ["min"],
      input: min,
      message: advice("at most max", "min: 1"),
    });
  }, always)
  .meta({
    description: "The number of nodes in each zone, between which the cluster scales.",
    example: { min: 1, max: 3 },
  });

function pattern(expression: RegExp, description: string, expected: string, example: string) {
  return z.string().regex(expression).meta({ description, expected, example });
}

function gkeSchema(stack: string) {
  return z.strictObject({
    kind: kind("gke"),
    name: clusterName(24, stack),
    project: pattern(
      /^[a-z][a-z0-9-]{4,28}[a-z0-9]$/,
      "The ID of the Google Cloud project.",
      "the ID of a project",
      "my-project",
    ),
    location: pattern(
      /^[a-z]+-[a-z]+\d+(-[a-z])?$/,
      "A region, with nodes in three zones, or one zone.",
      "a region or zone of Google Cloud",
      "europe-west3-a",
    ),
    adminCidrs,
    deletionProtection: flag("Whether Google rejects the deletion of the cluster.").default(true),
    releaseChannel: choice(
      ["RAPID", "REGULAR", "STABLE"],
      "The release channel, which determines how soon the cluster is upgraded to new versions.",
    ).default("REGULAR"),
    minVersion: pattern(
      /^1\.\d+(\.\d+(-gke\.\d+)?)?$/,
      "The minimum version of the control plane.",
      "a version of GKE",
      "1.35",
    ).optional(),
    machineType: pattern(
      /^[a-z][a-z0-9]*-[a-z0-9]+(-[a-z0-9]+)*$/,
      "The machine type of nodes.",
      "a machine type of Google Cloud",
      "e2-standard-4",
    ).default("e2-standard-4"),
    diskSizeGb: wholeNumber(20, 64_000, "The disk size of nodes, in GB.", 50).default(50),
    nodes: nodesSchema.prefault({}),
    ranges: rangesSchema.prefault({}),
    gatewayApi: flag(
      "Whether to enable Google's Gateway API, which includes the CRDs. Then set `gatewayApi.install` to false.",
    ).default(false),
    bindAdmin: flag("Whether to bind the Google account that runs the program to `cluster-admin`.").default(
      false,
    ),
    sandbox: sandboxSchema.optional(),
  });
}

function addOverlaps(
  ranges: Record<string, string>,
  path: string[],
  example: string,
  context: z.core.$RefinementCtx,
): void {
  for (const { key, range, expected } of overlaps(ranges))
    context.addIssue({
      code: "custom",
      path: [...path, key],
      input: range,
      message: advice(expected, example),
    });
}

/** The key `faasmesh:cluster`. */
export function clusterSchema({ stack, env }: ClusterContext) {
  return z
    .discriminatedUnion("kind", [
      simulatedSchema(stack),
      kindSchema(stack),
      existingSchema(env),
      k3sSchema(stack),
      gkeSchema(stack),
    ])
    .meta({
      description:
        "The cluster of the platform: `simulated` (a real API server with simulated nodes, without Docker), `kind` (needs a Docker engine), `existing` (your own cluster), `k3s` (on DigitalOcean) or `gke` (Google Kubernetes Engine).",
      expected: `an object with the key kind, one of: ${kinds.join(", ")}`,
      example: { kind: "simulated", lab: "dev" },
    });
}

/** The value of the key `faasmesh:cluster`, with its defaults. */
export type ClusterConfig = z.output<ReturnType<typeof clusterSchema>>;
