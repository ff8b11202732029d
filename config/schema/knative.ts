import { isIP } from "node:net";
import { z } from "zod";
import { keyPath } from "../../validation/keys";
import {
  coreNamespace,
  type Layer,
  meshableNamespaces,
  type ServiceArgs,
} from "../../components/knative-serving/args";
import { serviceProblems } from "../../components/knative-serving/check";
import { advice, always, choice, flag, podsOf, serviceType, wholeNumber } from "./fields";
import {
  imageProblem,
  isAnnotationKey,
  isDnsLabel,
  isDnsName,
  isEnvName,
  isMap,
  isServiceName,
} from "../../validation/validators";

const layers = ["ambassador", "kourier", "traefik"] as const satisfies Layer[];

const imageExample = "ghcr.io/knative/helloworld-go:latest";

/** Accepts any tag: Knative resolves it to a digest when it creates a revision. */
function isImage(text: string): boolean {
  return [text, `${text}@sha256:${"0".repeat(64)}`].some((image) => imageProblem(image) === undefined);
}

const quotedText = z
  .string()
  .meta({ expected: "a text; numbers, true and false in quotes", example: "World" });
const labelExpected = "lower-case letters, digits and '-', with a letter or digit at both ends";
const namespaceName = (description: string, example: string) =>
  z
    .string()
    .refine((text) => isDnsLabel(text))
    .meta({ description, expected: `at most 63 ${labelExpected}`, example });

const trafficSchema = z
  .strictObject({
    revision: z.string().meta({
      description: "One of the service's `revisions`, or `latest`, the newest revision that is ready.",
      expected: "the name of a revision, or latest",
      example: "v1",
    }),
    percent: wholeNumber(
      0,
      100,
      "The share of the requests, in percent. The shares of a service must add up to 100.",
      80,
    ),
    tag: z
      .string()
      .refine((text) => isDnsLabel(text))
      .meta({
        description:
          "A name for a separate URL of the revision, `http://<tag>-<service>.<namespace>.<domain>`.",
        expected: labelExpected,
        example: "candidate",
        defaultText: "none",
      })
      .optional(),
  })
  .meta({
    description: "A share of the requests.",
    expected: "an object",
    example: { revision: "v1", percent: 100 },
  });

const serviceSchema = z
  .strictObject({
    image: z.string().refine(isImage).meta({
      description: "The container image. It must serve HTTP on the port in the environment variable `PORT`.",
      expected: "an image",
      example: imageExample,
    }),
    env: z
      .record(
        z.string().refine(isEnvName).meta({
          expected: "a variable's name: letters, digits and '_', not beginning with a digit",
          example: "TARGET",
        }),
        quotedText,
      )
      .meta({
        description: "Environment variables. They are not secret.",
        expected: "environment variables: names and texts",
        example: { TARGET: "World" },
      })
      .default({}),
    annotations: z
      .record(
        z
          .string()
          .refine(isAnnotationKey)
          .meta({ expected: "the key of an annotation", example: "example.com/owner" }),
        quotedText,
      )
      .meta({
        description: "Annotations of the revision and its pods.",
        expected: "annotations: keys and texts",
        example: { "autoscaling.knative.dev/window": "60s" },
      })
      .default({}),
    scale: z
      .strictObject({
        min: wholeNumber(0, Infinity, "The minimum number of replicas; 0 allows scaling to zero.", 1).default(
          0,
        ),
        max: wholeNumber(0, Infinity, "The maximum number of replicas; 0 sets no limit.", 5).default(0),
      })
      .meta({ description: "Autoscaling of the service.", example: { min: 1, max: 5 } })
      .prefault({}),
    namespace: namespaceName(
      "The namespace. It is created unless it is in `existingNamespaces`.",
      "demo",
    ).default("default"),
    revisions: z
      .array(z.string().meta({ expected: "the name of a revision", example: "v1" }))
      .meta({
        description:
          "The names of the service's revisions, in the order in which they were rolled out. The last one is the revision " +
          "that the other keys describe: when you change one of them, append a name. Without names, Knative numbers the " +
          "revisions.",
        expected: "a list of names",
        example: ["v1", "v2"],
      })
      .default([]),
    traffic: z
      .array(trafficSchema)
      .meta({
        description: "How requests are split between revisions.",
        expected: "a list of revisions with their percents",
        example: [
          { revision: "v1", percent: 80 },
          { revision: "v2", percent: 20, tag: "candidate" },
        ],
        defaultText: "all to `latest`",
      })
      .optional(),
    visibility: choice(
      ["public", "cluster-local"],
      "Who can reach the service: with `cluster-local` only clients in the cluster, at " +
        "`http://<service>.<namespace>.svc.cluster.local`. The layer `ambassador` does not support it.",
    ).default("public"),
    mesh: flag(
      "Whether its pods are part of the mesh if their namespace is. A change creates a new revision.",
    ).default(true),
  })
  .meta({ description: "A service.", example: { image: imageExample, env: { TARGET: "World" } } });

const serviceName = z.string().refine(isServiceName).meta({
  expected:
    "at most 63 lower-case letters, digits and '-', beginning with a letter and ending with a letter or digit",
  example: "helloworld-go",
});

const servicesSchema = z
  .record(serviceName, serviceSchema)
  .superRefine(checkServices, always)
  .meta({
    description: "The services by name.",
    expected: "an object: names of services, and for each an object with the key image",
    example: { "helloworld-go": { image: imageExample, env: { TARGET: "World" } } },
  });

const gatewaySchema = z
  .strictObject({
    replicas: podsOf("The number of pods of the layer's proxy."),
    serviceType: serviceType(
      "The type of the layer's Service. With LoadBalancer, `up` waits for an address, which the cluster must assign.",
    ),
  })
  .meta({
    description:
      "The proxy of the networking layer, which receives requests from outside the cluster. Not with `layer: traefik`.",
    example: { replicas: 1, serviceType: "ClusterIP" },
  });

/** The key `faasmesh:knative`. */
export const knativeSchema = z
  .strictObject({
    enabled: flag("Whether to install Knative Serving.").default(false),
    layer: choice(
      layers,
      "The networking layer: `ambassador` is Emissary-ingress, as in the guide, with limits " +
        "(docs/components/knative-serving.md); `kourier` is supported by the maintainers of Knative; `traefik` is the " +
        "proxy of `faasmesh:ingress`, which then serves all hosts of the platform (experimental in Traefik).",
    ).default("ambassador"),
    gateway: gatewaySchema.prefault({}),
    domain: z
      .string()
      .refine(isDnsName)
      .meta({
        description: "The domain of the services, whose hosts are `<service>.<namespace>.<domain>`.",
        expected: "a DNS name in lower-case letters",
        example: "apps.example.com",
        defaultText: "`<address>.sslip.io`",
      })
      .optional(),
    address: z
      .string()
      .refine((text) => isIP(text) !== 0)
      .meta({
        description:
          "The address of the networking layer. The domain is then `<address>.sslip.io`, whose names resolve to it.",
        expected: "an IPv4 or IPv6 address",
        example: "203.0.113.10",
        defaultText: "127.0.0.1 without `domain`",
      })
      .optional(),
    skipTagResolving: z
      .array(z.string().min(1).meta({ expected: "a registry's host", example: "registry.example.com:5000" }))
      .meta({
        description: "Registries for which tags are not resolved to digests.",
        expected: "a list of registries' hosts",
        example: ["registry.example.com:5000"],
        defaultText: "Knative's",
      })
      .optional(),
    targetBurstCapacity: wholeNumber(
      -1,
      Infinity,
      "The size of a burst of concurrent requests. While the running pods have less spare capacity, requests go through " +
        "Knative's activator. 0: only when no pod is running; -1: always.",
      0,
    )
      .meta({
        defaultText: "0 with ambassador, which cannot split traffic at the activator; otherwise Knative's",
      })
      .optional(),
    services: servicesSchema.default({}),
    existingNamespaces: z
      .array(namespaceName("", "default"))
      .meta({
        description: "The namespaces of services that exist, so that they are not created.",
        expected: "a list of namespaces",
        example: ["default"],
      })
      .default(["default"]),
    meshNamespaces: z
      .array(namespaceName("", "knative-serving"))
      .meta({
        description:
          "The namespaces that are part of the mesh: `knative-serving`, the one of the layer (`emissary` or " +
          "`kourier-system`; none with `traefik`), and those of services. In `existingNamespaces` the services are annotated, which creates a " +
          "new revision of each.",
        expected: "a list of namespaces",
        example: ["default", "knative-serving"],
        defaultText: "all of them if the mesh is enabled",
      })
      .optional(),
  })
  .superRefine(checkKnative, always)
  .meta({
    description: "Knative Serving: a networking layer and services.",
    example: {
      enabled: true,
      layer: "kourier",
      services: { "helloworld-go": { image: imageExample, env: { TARGET: "World" } } },
    },
  });

export type KnativeConfig = z.output<typeof knativeSchema>;

// These rules also run on values that failed other checks, so their types must be checked first.
type Context = z.core.$RefinementCtx<unknown>;

function checkServices(services: Record<string, ServiceArgs>, context: Context): void {
  for (const [name, service] of Object.entries(isMap(services) ? services : {})) {
    if (!serviceSchema.safeParse(service).success) continue;
    for (const { key, got, expected, fix } of serviceProblems(name, service))
      context.addIssue({
        code: "custom",
        path: [name, ...keyPath(key)],
        params: { got },
        message: advice(`${expected}; ${fix}`),
      });
  }
}

interface Knative {
  layer: Layer;
  domain?: string;
  address?: string;
  meshNamespaces?: string[];
  services: Record<string, ServiceArgs>;
}

const isLayer = (text: string): text is Layer => (layers as readonly string[]).includes(text);

function checkKnative(knative: Knative, context: Context): void {
  if (!isMap(knative)) return;
  const { layer, domain, address, meshNamespaces, services } = knative;
  if (domain !== undefined && address !== undefined)
    context.addIssue({
      code: "custom",
      path: ["domain"],
      input: domain,
      message: advice(
        "either domain or address; keep domain if you have a domain, otherwise address",
        "domain: apps.example.com",
      ),
    });
  if (!Array.isArray(meshNamespaces) || !isLayer(layer)) return;
  const usable = Object.entries(isMap(services) ? services : {}).filter(([, service]) => isMap(service));
  const validNamespaces = meshableNamespaces({ layer, services: Object.fromEntries(usable) });
  for (const [index, namespace] of meshNamespaces.entries()) {
    if (validNamespaces.includes(namespace)) continue;
    const message = advice(
      `one of: ${validNamespaces.join(", ")}; remove it, or add a service in this namespace`,
      `- ${coreNamespace}`,
    );
    context.addIssue({ code: "custom", path: ["meshNamespaces", index], input: namespace, message });
  }
}
