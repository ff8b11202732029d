import { isIP } from "node:net";
import { z } from "zod";
import { advice, always, choice, flag, wholeNumber } from "./fields";
import { inletsSchema } from "./inlets";
import { isDnsLabel, isDnsName, isMap, isServiceName } from "../../validation/validators";

const hostnameExpected = "a full DNS name in lower case, such as gateway.example.com or *.apps.example.com";

function isHostname(text: string): boolean {
  const name = text.replace(/^\*\./, "");
  return isDnsName(name) && name.includes(".") && isIP(name) === 0;
}

const hostname = (description: string, example: string) =>
  z
    .string()
    .refine(isHostname)
    .meta({ description, expected: hostnameExpected, example, defaultText: "none" });

const hostsSchema = z
  .strictObject({
    gateway: hostname(
      "The host of OpenFaaS's gateway, which asks for its own password.",
      "gateway.example.com",
    ).optional(),
    dashboard: hostname(
      "The host of Linkerd's dashboard, behind a generated password.",
      "dashboard.example.com",
    ).optional(),
    knative: hostname(
      "The host of Knative's services, as a rule a wildcard.",
      "*.default.example.com",
    ).optional(),
  })
  .meta({
    description: "The hosts of the platform's own parts.",
    example: { gateway: "gateway.example.com", dashboard: "dashboard.example.com" },
  });

const label = (description: string, example: string) =>
  z
    .string()
    .refine((text) => isDnsLabel(text))
    .meta({
      description,
      expected: "at most 63 lower-case letters, digits and '-', with a letter or digit at both ends",
      example,
    });

const otherHostSchema = z
  .strictObject({
    hostname: z
      .string()
      .refine(isHostname)
      .meta({ description: "The host.", expected: hostnameExpected, example: "app.example.com" }),
    namespace: label("The namespace of the Service that serves it, which exists.", "apps"),
    service: z.string().refine(isServiceName).meta({
      description: "The Service.",
      expected: "the name of a Service",
      example: "app",
    }),
    port: wholeNumber(1, 65_535, "The Service's port.", 80),
    auth: choice(
      ["basic", "none"],
      "`basic` asks for the generated password, `none` leaves it to the Service.",
    ).default("basic"),
  })
  .meta({
    description: "A host.",
    example: { hostname: "app.example.com", namespace: "apps", service: "app", port: 80, auth: "none" },
  });

const otherHostsSchema = z
  .record(
    z
      .string()
      .refine((name) => isDnsLabel(name, 40) && !["gateway", "dashboard", "knative"].includes(name))
      .meta({
        expected:
          "at most 40 lower-case letters, digits and '-', with a letter or digit at both ends, other than gateway, dashboard and knative",
        example: "app",
      }),
    otherHostSchema,
  )
  .meta({
    description: "Hosts of Services of yours, by a name of your choice.",
    expected: "an object: names, and for each an object with the keys hostname, namespace, service and port",
    example: { app: { hostname: "app.example.com", namespace: "apps", service: "app", port: 80 } },
  });

const solverKind = <const K extends string>(value: K) =>
  z.literal(value).meta({
    description:
      "How Let's Encrypt is shown that a host is yours: by HTTP on port 80, or by a record in a zone on DigitalOcean or Google Cloud DNS. Wildcards need a record.",
    expected: "one of: http01, digitalocean, google",
    example: "http01",
  });

const solverSchema = z
  .discriminatedUnion("kind", [
    z.strictObject({ kind: solverKind("http01") }),
    z.strictObject({
      kind: solverKind("digitalocean"),
      token: z.string().min(1).meta({
        description: "An API token of DigitalOcean that may write the zone.",
        expected: "a token, as a secret",
        example: "dop_v1_…",
        secret: true,
      }),
    }),
    z.strictObject({
      kind: solverKind("google"),
      project: z.string().min(1).meta({
        description: "The project of Google Cloud that has the zone.",
        expected: "the id of a project",
        example: "my-project",
      }),
      serviceAccountKey: z
        .string()
        .min(1)
        .meta({
          description: "The key of a service account that may write the zone, as JSON.",
          expected: "a key, as a secret",
          example: '{"type":"service_account"}',
          defaultText: "none: cert-manager's workload identity",
          secret: true,
        })
        .optional(),
    }),
  ])
  .meta({
    description: "How Let's Encrypt is shown that a host is yours.",
    expected: "an object with the key kind, one of: http01, digitalocean, google",
    example: { kind: "http01" },
  });

const issuerKind = <const K extends string>(value: K) =>
  z.literal(value).meta({
    description:
      "Who signs the certificates: Let's Encrypt (`letsencrypt-staging` for trials, not trusted by browsers), an authority of your own, or each certificate itself, as in the guides.",
    expected: "one of: letsencrypt-staging, letsencrypt-production, own-ca, self-signed",
    example: "letsencrypt-staging",
  });

const email = z.email().meta({
  description: "Where Let's Encrypt writes to.",
  expected: "an e-mail address",
  example: "you@example.com",
});

const pem = (description: string, expected: string, kind: string, secret: boolean) =>
  z
    .string()
    .refine((text) => text.includes(`-----BEGIN ${kind}`) || text.includes(`${kind}-----`))
    .meta({ description, expected, example: `-----BEGIN ${kind}-----…`, defaultText: "generated", secret });

const issuerSchema = z
  .discriminatedUnion("kind", [
    z.strictObject({
      kind: issuerKind("letsencrypt-staging"),
      email,
      solver: solverSchema.prefault({ kind: "http01" }),
    }),
    z.strictObject({
      kind: issuerKind("letsencrypt-production"),
      email,
      solver: solverSchema.prefault({ kind: "http01" }),
    }),
    z.strictObject({
      kind: issuerKind("own-ca"),
      certificate: pem(
        "The authority's certificate.",
        "a certificate as PEM",
        "CERTIFICATE",
        false,
      ).optional(),
      key: pem("The authority's key.", "a private key as PEM, as a secret", "PRIVATE KEY", true).optional(),
      days: wholeNumber(1, 36_500, "How many days a generated authority is valid.", 3650).default(3650),
    }),
    z.strictObject({ kind: issuerKind("self-signed") }),
  ])
  .meta({
    description: "Who signs the certificates.",
    expected:
      "an object with the key kind, one of: letsencrypt-staging, letsencrypt-production, own-ca, self-signed",
    example: { kind: "letsencrypt-staging", email: "you@example.com" },
  });

const zoneKind = <const K extends string>(value: K) =>
  z.literal(value).meta({
    description: "Where the zone is.",
    expected: "one of: digitalocean, google",
    example: "digitalocean",
  });
const domain = z
  .string()
  .refine(isDnsName)
  .meta({ description: "The zone's domain.", expected: "a domain", example: "example.com" });

const dnsSchema = z
  .discriminatedUnion("kind", [
    z.strictObject({ kind: zoneKind("digitalocean"), domain }),
    z.strictObject({
      kind: zoneKind("google"),
      domain,
      managedZone: label("The zone's name in Google Cloud DNS.", "example-com"),
      project: z
        .string()
        .min(1)
        .meta({
          description: "The project that has it.",
          expected: "the id of a project",
          example: "my-project",
          defaultText: "`gcp:project`",
        })
        .optional(),
    }),
  ])
  .meta({
    description:
      "The zone in which a record is made for each host. Without it, the stack's outputs tell the records.",
    expected: "an object with the key kind, one of: digitalocean, google",
    example: { kind: "digitalocean", domain: "example.com" },
  });

const nodePort = (description: string, example: number) => wholeNumber(1, 65_535, description, example);

/** The key `faasmesh:ingress`: the platform's hosts over HTTPS. */
export const ingressSchema = z
  .strictObject({
    enabled: flag("Whether hosts are served to the outside.").default(false),
    controller: choice(
      ["traefik", "nginx"],
      "The proxy: `traefik` by the Gateway API, or `nginx` (ingress-nginx, retired in March 2026) as in the guides.",
    ).default("traefik"),
    hosts: hostsSchema.default({}),
    others: otherHostsSchema.default({}),
    issuer: issuerSchema.prefault({ kind: "own-ca" }),
    exposure: choice(["loadBalancer", "nodePort", "clusterIP"], "How the proxy is reached.")
      .meta({
        description: "How the proxy is reached.",
        expected: "one of: loadBalancer, nodePort, clusterIP",
        example: "nodePort",
        defaultText: "loadBalancer where the cluster has one, else nodePort",
      })
      .optional(),
    nodePorts: z
      .strictObject({
        http: nodePort("The port of HTTP on each node.", 30080),
        https: nodePort("The port of HTTPS on each node.", 30443),
      })
      .meta({
        description: "The ports on each node, for the exposure nodePort.",
        example: { http: 30080, https: 30443 },
        defaultText: "Kubernetes chooses",
      })
      .optional(),
    address: z
      .string()
      .refine((text) => isIP(text) !== 0 || isDnsName(text))
      .meta({
        description: "Where clients reach the proxy, if the cluster does not know it.",
        expected: "an IP address or a DNS name",
        example: "203.0.113.7",
        defaultText: "the load balancer's",
      })
      .optional(),
    httpsPort: wholeNumber(
      1,
      65_535,
      "The port at which clients reach HTTPS, where something before the nodes leads another one to the node's.",
      443,
    ).optional(),
    replicas: wholeNumber(1, 100, "How many Pods the proxy has.", 1).default(1),
    l5dDstOverride: flag(
      "Only for nginx: the guides' snippet beside `service-upstream`, which does the same. Snippets let everyone who may write Ingresses configure nginx.",
    ).default(false),
    dns: dnsSchema.optional(),
    inlets: inletsSchema.optional(),
  })
  .superRefine(checkHosts, always)
  .meta({
    description: "Hosts over HTTPS, with certificates by cert-manager.",
    example: {
      enabled: true,
      hosts: { gateway: "gateway.example.com", dashboard: "dashboard.example.com" },
      issuer: { kind: "letsencrypt-staging", email: "you@example.com" },
    },
  });

/** Refuses an ingress that serves nothing. What else cannot work, `IngressWithCert` refuses. */
function checkHosts(value: unknown, context: z.core.$RefinementCtx<unknown>): void {
  const { enabled, hosts, others } = isMap(value) ? value : {};
  const isEmpty = (part: unknown): boolean =>
    part === undefined || (isMap(part) && Object.keys(part).length === 0);
  if (enabled !== true || !isEmpty(hosts) || !isEmpty(others)) return;
  context.addIssue({
    code: "custom",
    path: ["hosts"],
    input: hosts,
    message: advice("at least one host, here or in others", "hosts: { gateway: gateway.example.com }"),
  });
}

/** The key `faasmesh:ingress`. */
export type IngressConfig = z.output<typeof ingressSchema>;
