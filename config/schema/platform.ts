import { z } from "zod";
import { canariesSchema } from "./canary";
import { type ClusterConfig, clusterSchema, type ClusterContext } from "./cluster";
import { choice, flag, serviceType, wholeNumber } from "./fields";
import { functionsSchema } from "./function";
import { ingressSchema } from "./ingress";
import { knativeSchema } from "./knative";
import { meshSchema } from "./mesh";
import { isMirror } from "../../validation/validators";

/** What defaults are taken from, besides the schema. */
export type ConfigContext = ClusterContext;

function chartsSchema({ env }: ConfigContext) {
  const mirror = z.string().refine(isMirror).meta({
    description: "A mirror of the charts and manifests: a folder, a web server or an OCI registry.",
    expected: "a folder, or an address that begins with http://, https:// or oci://",
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
          "Whether to install the Gateway API's custom resource definitions: `auto` does so unless the kind of cluster brings them itself, as GKE does.",
        expected: 'true, false or "auto"',
        example: "auto",
      })
      .default(true),
  })
  .meta({ description: "The Gateway API, which Linkerd needs.", example: { install: true } });

const gatewaySchema = z
  .strictObject({
    replicas: wholeNumber(1, Infinity, "How many Pods the gateway has.", 1).default(1),
    serviceType: serviceType("The type of the gateway's Service."),
  })
  .meta({ description: "The gateway of OpenFaaS.", example: { replicas: 1, serviceType: "ClusterIP" } });

const proSchema = z
  .strictObject({
    license: z.string().min(1).meta({
      description: "The licence key, which openfaas.com sells.",
      expected: "a licence key, as a secret",
      example: "eyJhbGciOi…",
      secret: true,
    }),
    directFunctions: flag(
      "Whether the gateway calls functions by their Service, so that the mesh sees its calls and can split them.",
    ).default(false),
  })
  .meta({
    description: "OpenFaaS Pro: without Community Edition's limits.",
    example: { license: "eyJhbGciOi…", directFunctions: true },
  });

const openFaasSchema = z
  .strictObject({
    enabled: flag("Whether to install OpenFaaS.").default(true),
    async: flag("Whether functions can be called asynchronously, through NATS.").default(true),
    nats: choice(
      ["skip", "opaque"],
      "How NATS's port 4222 passes the mesh: `skip` goes around the proxy, without mTLS; `opaque` goes through it, with mTLS.",
    ).default("skip"),
    gateway: gatewaySchema.prefault({}),
    pro: proSchema.optional(),
    ingressOperator: flag(
      "Whether to install OpenFaaS's ingress operator, which gives a function a host of its own by a `FunctionIngress`; it needs an ingress controller such as `ingress.controller: nginx`.",
    ).default(false),
    functions: functionsSchema.default({}),
  })
  .meta({
    description: "OpenFaaS, of the Community Edition unless `pro` says otherwise: the gateway and functions.",
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
export function platformSchema(surroundings: ConfigContext) {
  return z.strictObject({
    stack: choice(
      ["platform", "workshop"],
      "Which stack to build: a platform, or a class with a VM for each seat.",
    ).default("platform"),
    cluster: clusterSchema(surroundings),
    charts: chartsSchema(surroundings).prefault({}),
    gatewayApi: gatewayApiSchema.prefault({}),
    mesh: meshSchema.prefault({}),
    openfaas: openFaasSchema.prefault({}),
    knative: knativeSchema.prefault({}),
    ingress: ingressSchema.prefault({}),
    canaries: canariesSchema.default({}),
  });
}

/** The whole configuration, checked, with its defaults. */
export type PlatformConfig = z.output<ReturnType<typeof platformSchema>>;
export type { ClusterConfig };
/** The key `faasmesh:charts`. */
export type ChartsConfig = PlatformConfig["charts"];
/** The key `faasmesh:mesh`. */
export type MeshConfig = PlatformConfig["mesh"];
/** The key `faasmesh:openfaas`. */
export type OpenFaasConfig = PlatformConfig["openfaas"];
