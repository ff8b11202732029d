import { z } from "zod";
import { canariesSchema } from "./canary";
import { type ClusterConfig, clusterSchema, type ClusterContext } from "./cluster";
import { choice, flag, podsOf, serviceType } from "./fields";
import { functionsSchema } from "./function";
import { ingressSchema } from "./ingress";
import { knativeSchema } from "./knative";
import { meshSchema } from "./mesh";
import { isMirror } from "../../validation/validators";

/** The context from which defaults are read. */
export type ConfigContext = ClusterContext;

function chartsSchema({ env }: ConfigContext) {
  const mirror = z.string().refine(isMirror).meta({
    description: "A mirror of the charts and manifests: a folder, a web server or an OCI registry.",
    expected: "a folder, or a URL that begins with http://, https:// or oci://",
    example: "https://charts.example.com/faasmesh",
    defaultText: "`$FAASMESH_CHARTS`, else upstream",
  });
  return z.strictObject({ mirror: mirror.optional().prefault(env["FAASMESH_CHARTS"] || undefined) }).meta({
    description: "The source of charts and manifests.",
    example: { mirror: "https://charts.example.com/faasmesh" },
  });
}

const gatewayApiSchema = z
  .strictObject({
    install: z
      .literal([true, false, "auto"])
      .meta({
        description:
          "Whether to install the CRDs of the Gateway API: `auto` installs them unless the cluster already has them, as GKE can.",
        expected: 'true, false or "auto"',
        example: "auto",
      })
      .default(true),
  })
  .meta({ description: "The Gateway API, which Linkerd needs.", example: { install: true } });

const replicasSchema = z.int().min(1).max(100).meta({
  description:
    "The number of pods of each entry point: OpenFaaS's gateway, the ingress's proxy, and the proxy of Knative's layer. With 2 or more they are placed on different nodes where there are enough, and a PodDisruptionBudget lets a drain evict one at a time.",
  expected: "a whole number from 1 to 100",
  example: 2,
  defaultText: "2 on gke, on k3s with more than one node, and with `mesh.ha`; otherwise 1",
});

const gatewaySchema = z
  .strictObject({
    replicas: podsOf("The number of pods of the gateway."),
    serviceType: serviceType("The type of the gateway's Service."),
  })
  .meta({ description: "The gateway of OpenFaaS.", example: { replicas: 1, serviceType: "ClusterIP" } });

const proSchema = z
  .strictObject({
    license: z.string().min(1).meta({
      description: "The licence key of OpenFaaS Pro.",
      expected: "a licence key, as a secret",
      example: "eyJhbGciOi…",
      secret: true,
    }),
    directFunctions: flag(
      "Whether the gateway calls functions by their Service, so that the mesh can split its calls.",
    ).default(false),
  })
  .meta({
    description: "OpenFaaS Pro, without the limits of Community Edition.",
    example: { license: "eyJhbGciOi…", directFunctions: true },
  });

const openFaasSchema = z
  .strictObject({
    enabled: flag("Whether to install OpenFaaS.").default(true),
    async: flag("Whether functions can be called asynchronously, through NATS.").default(true),
    nats: choice(
      ["skip", "opaque"],
      "How the proxy handles NATS's port 4222: `skip` bypasses the proxy, without mTLS; `opaque` forwards it as opaque TCP, with mTLS.",
    ).default("skip"),
    gateway: gatewaySchema.prefault({}),
    pro: proSchema.optional(),
    ingressOperator: flag(
      "Whether to install OpenFaaS's ingress operator: a `FunctionIngress` gives a function its own host. It needs an ingress controller such as `ingress.controller: nginx`.",
    ).default(false),
    functions: functionsSchema.default({}),
  })
  .meta({
    description: "OpenFaaS: the gateway and functions. Community Edition unless `pro` is set.",
    example: {
      async: true,
      functions: {
        echo: { image: "functions/figlet:0.13.0", process: "cat", scale: { min: 1, max: 3 } },
        "echo-green": { image: "functions/figlet:0.13.0", process: "cat" },
        "echo-blue": { image: "functions/figlet:0.13.0", process: "cat" },
      },
    },
  });

/** The schema of all keys in the namespace `faasmesh`. */
export function platformSchema(context: ConfigContext) {
  return z.strictObject({
    stack: choice(
      ["platform", "workshop"],
      "The stack to create: a platform, or a workshop with a VM for each seat.",
    ).default("platform"),
    cluster: clusterSchema(context),
    charts: chartsSchema(context).prefault({}),
    replicas: replicasSchema.optional(),
    gatewayApi: gatewayApiSchema.prefault({}),
    mesh: meshSchema.prefault({}),
    openfaas: openFaasSchema.prefault({}),
    knative: knativeSchema.prefault({}),
    ingress: ingressSchema.prefault({}),
    canaries: canariesSchema.default({}),
  });
}

/** The configuration of a platform, with its defaults. */
export type PlatformConfig = z.output<ReturnType<typeof platformSchema>>;
export type { ClusterConfig };
/** The key `faasmesh:charts`. */
export type ChartsConfig = PlatformConfig["charts"];
/** The key `faasmesh:mesh`. */
export type MeshConfig = PlatformConfig["mesh"];
/** The key `faasmesh:openfaas`. */
export type OpenFaasConfig = PlatformConfig["openfaas"];
