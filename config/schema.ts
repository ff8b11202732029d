import { delimiter } from "node:path";
import { z } from "zod";
import { advice, always, choice, flag, wholeNumber } from "./fields";
import { functionsSchema } from "./function-schema";
import { isCidr, isDnsLabel, isMirror, isPath } from "./validators";

/** What defaults are taken from, besides the schema. */
export interface Surroundings {
  /** The Pulumi stack's name. */
  stack: string;
  /** Environment variables. */
  env: Readonly<Record<string, string | undefined>>;
}

function clusterSchema({ stack, env }: Surroundings) {
  const kind = <const K extends string>(value: K) =>
    z.literal(value).meta({
      description: "Which kind of cluster.",
      wanted: "one of: simulated, kind, existing",
      example: "simulated",
    });
  const lab = z
    .string()
    .refine((name) => isDnsLabel(name, 40))
    .meta({
      description: "The name of the lab that the cluster belongs to.",
      wanted: "at most 40 lower-case letters, digits and '-', with a letter or digit at both ends",
      example: "dev",
      defaultText: "the stack's name",
    })
    .prefault(stack);
  const kubeconfig = z
    .string()
    .refine((path) => isPath(path) && !path.includes(delimiter))
    .meta({
      description: "The kubeconfig file of the cluster; `~` is your home directory.",
      wanted: "the path of one file",
      example: "~/.kube/config",
      defaultText: "`$KUBECONFIG`, else `~/.kube/config`",
    })
    .prefault(env["KUBECONFIG"] || "~/.kube/config");
  const context = z.string().min(1).meta({
    description: "The context in the kubeconfig file.",
    wanted: "the name of a context",
    example: "admin@lab",
    defaultText: "the file's current context",
  });
  return z
    .discriminatedUnion("kind", [
      z.strictObject({ kind: kind("simulated"), lab }),
      z.strictObject({ kind: kind("kind"), lab }),
      z.strictObject({ kind: kind("existing"), kubeconfig, context: context.optional() }),
    ])
    .meta({
      description:
        "The cluster that everything runs on: `simulated` (a real API server with simulated nodes, no Docker), `kind` (needs a Docker engine) or `existing` (a kubeconfig that you have).",
      wanted: "an object with the key kind, one of: simulated, kind, existing",
      example: { kind: "simulated", lab: "dev" },
    });
}

function chartsSchema({ env }: Surroundings) {
  const mirror = z.string().refine(isMirror).meta({
    description: "A mirror of the charts and manifests: a folder, a web server or an OCI registry.",
    wanted: "a folder, or an address that begins with http://, https:// or oci://",
    example: "https://charts.example.com/faasmesh",
    defaultText: "`$FAASMESH_CHARTS`, else upstream",
  });
  return z.strictObject({ mirror: mirror.optional().prefault(env["FAASMESH_CHARTS"] || undefined) }).meta({
    description: "Where charts and manifests come from.",
    example: { mirror: "https://charts.example.com/faasmesh" },
  });
}

const gatewayApiSchema = z
  .strictObject({
    install: z
      .literal([true, false, "auto"])
      .meta({
        description:
          "Whether to install the Gateway API's custom resource definitions: `auto` does so only where the cluster has none.",
        wanted: 'true, false or "auto"',
        example: "auto",
      })
      .default(true),
  })
  .meta({ description: "The Gateway API, which Linkerd needs.", example: { install: true } });

const maxDays = 36_500;
const days = (description: string, example: number) => wholeNumber(1, maxDays, description, example);

const certificatesSchema = z
  .strictObject({
    trustAnchorDays: days("How many days the trust anchor is valid.", 3650).default(3650),
    issuerDays: days(
      "How many days the issuer's certificate is valid; no longer than the trust anchor.",
      365,
    ).default(365),
    webhookDays: days("How many days the certificates of Linkerd's webhooks are valid.", 365).default(365),
  })
  .superRefine((value, context) => {
    if (value.trustAnchorDays >= 1 && value.issuerDays > value.trustAnchorDays) {
      context.addIssue({
        code: "custom",
        path: ["issuerDays"],
        input: value.issuerDays,
        message: advice(
          "at most trustAnchorDays, since an issuer must not outlive its trust anchor",
          "certificates: { trustAnchorDays: 3650, issuerDays: 365 }",
        ),
      });
    }
  }, always)
  .meta({
    description: "How long Linkerd's certificates are valid.",
    example: { trustAnchorDays: 3650, issuerDays: 365, webhookDays: 365 },
  });

const cidr = z
  .string()
  .refine(isCidr)
  .meta({ wanted: "an IPv4 or IPv6 range in CIDR notation", example: "10.0.0.0/8" });

const meshSchema = z
  .strictObject({
    enabled: flag("Whether to install Linkerd.").default(true),
    viz: flag("Whether to install Linkerd's dashboard and metrics, the viz extension.").default(true),
    clusterNetworks: z
      .array(cidr)
      .min(1)
      .meta({
        description: "The address ranges of the cluster's Pods and Services.",
        wanted: "a list of ranges in CIDR notation, at least one",
        example: ["10.0.0.0/8", "100.64.0.0/10"],
        defaultText: "Linkerd's: the private ranges",
      })
      .optional(),
    certificates: certificatesSchema.prefault({}),
  })
  .meta({ description: "The service mesh, Linkerd.", example: { enabled: true, viz: true } });

const gatewaySchema = z
  .strictObject({
    replicas: wholeNumber(1, Infinity, "How many Pods the gateway has.", 1).default(1),
    serviceType: choice(
      ["ClusterIP", "NodePort", "LoadBalancer"],
      "The type of the gateway's Service.",
    ).default("ClusterIP"),
  })
  .meta({ description: "The gateway of OpenFaaS.", example: { replicas: 1, serviceType: "ClusterIP" } });

const openFaasSchema = z
  .strictObject({
    enabled: flag("Whether to install OpenFaaS.").default(true),
    async: flag("Whether functions can be called asynchronously, through NATS.").default(true),
    nats: choice(
      ["skip", "opaque"],
      "How NATS's port 4222 passes the mesh: `skip` goes around the proxy, without mTLS; `opaque` goes through it, with mTLS.",
    ).default("skip"),
    gateway: gatewaySchema.prefault({}),
    functions: functionsSchema.default({}),
  })
  .meta({
    description: "OpenFaaS Community Edition: the gateway and functions.",
    example: {
      async: true,
      functions: {
        figlet: { image: "functions/figlet:0.13.0", process: "figlet", scale: { min: 1, max: 3 } },
      },
    },
  });

/** The schema of all keys in the namespace `faasmesh`. */
export function platformSchema(surroundings: Surroundings) {
  return z.strictObject({
    stack: choice(["platform"], "Which stack to build.").default("platform"),
    cluster: clusterSchema(surroundings),
    charts: chartsSchema(surroundings).prefault({}),
    gatewayApi: gatewayApiSchema.prefault({}),
    mesh: meshSchema.prefault({}),
    openfaas: openFaasSchema.prefault({}),
  });
}

/** The whole configuration, checked, with its defaults. */
export type PlatformConfig = z.output<ReturnType<typeof platformSchema>>;
/** The key `faasmesh:cluster`. */
export type ClusterConfig = PlatformConfig["cluster"];
/** The key `faasmesh:charts`. */
export type ChartsConfig = PlatformConfig["charts"];
/** The key `faasmesh:mesh`. */
export type MeshConfig = PlatformConfig["mesh"];
/** The key `faasmesh:openfaas`. */
export type OpenFaasConfig = PlatformConfig["openfaas"];
