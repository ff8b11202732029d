import { isIP } from "node:net";
import { z } from "zod";
import { advice, always, choice, flag, podsOf, wholeNumber } from "./fields";
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
      "The host of OpenFaaS's gateway, which has its own authentication.",
      "gateway.example.com",
    ).optional(),
    dashboard: hostname(
      "The host of Linkerd's dashboard, protected by a generated password.",
      "dashboard.example.com",
    ).optional(),
    knative: hostname(
      "The host of Knative services, usually a wildcard.",
      "*.default.example.com",
    ).optional(),
  })
  .meta({
    description: "The hosts of the platform's own components.",
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
      .meta({ description: "The hostname.", expected: hostnameExpected, example: "app.example.com" }),
    namespace: label("The namespace of the Service, which must exist.", "apps"),
    service: z.string().refine(isServiceName).meta({
      description: "The name of the Service.",
      expected: "the name of a Service",
      example: "app",
    }),
    port: wholeNumber(1, 65_535, "The port of the Service.", 80),
    auth: choice(
      ["basic", "none"],
      "The authentication: `basic` requires the generated password, `none` leaves it to the Service.",
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
    description: "Hosts of your own Services, by a name of your choice.",
    expected: "an object: names, and for each an object with the keys hostname, namespace, service and port",
    example: { app: { hostname: "app.example.com", namespace: "apps", service: "app", port: 80 } },
  });

const solverKind = <const K extends string>(value: K) =>
  z.literal(value).meta({
    description:
      "How to prove to Let's Encrypt that you control a host: a request on port 80, or a record in a DNS zone of DigitalOcean or Google Cloud DNS. Wildcards need a record.",
    expected: "one of: http01, digitalocean, google",
    example: "http01",
  });

const solverSchema = z
  .discriminatedUnion("kind", [
    z.strictObject({ kind: solverKind("http01") }),
    z.strictObject({
      kind: solverKind("digitalocean"),
      token: z.string().min(1).meta({
        description: "A DigitalOcean API token with write access to the zone.",
        expected: "a token, as a secret",
        example: "dop_v1_…",
        secret: true,
      }),
    }),
    z.strictObject({
      kind: solverKind("google"),
      project: z.string().min(1).meta({
        description: "The ID of the Google Cloud project of the zone.",
        expected: "the ID of a project",
        example: "my-project",
      }),
      serviceAccountKey: z
        .string()
        .min(1)
        .meta({
          description: "The key of a service account with write access to the zone, as JSON.",
          expected: "a key, as a secret",
          example: '{"type":"service_account"}',
          defaultText: "none: cert-manager's workload identity",
          secret: true,
        })
        .optional(),
    }),
  ])
  .meta({
    description: "How to prove to Let's Encrypt that you control a host.",
    expected: "an object with the key kind, one of: http01, digitalocean, google",
    example: { kind: "http01" },
  });

const issuerKind = <const K extends string>(value: K) =>
  z.literal(value).meta({
    description:
      "The issuer of the certificates: Let's Encrypt (`letsencrypt-staging` for trials, not trusted by browsers), your own certificate authority, or self-signed certificates, as in the guides.",
    expected: "one of: letsencrypt-staging, letsencrypt-production, own-ca, self-signed",
    example: "letsencrypt-staging",
  });

const email = z.email().meta({
  description: "The address for notices of Let's Encrypt.",
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
        "The certificate of the authority.",
        "a certificate as PEM",
        "CERTIFICATE",
        false,
      ).optional(),
      key: pem(
        "The private key of the authority.",
        "a private key as PEM, as a secret",
        "PRIVATE KEY",
        true,
      ).optional(),
      days: wholeNumber(1, 36_500, "How long a generated authority is valid, in days.", 3650).default(3650),
    }),
    z.strictObject({ kind: issuerKind("self-signed") }),
  ])
  .meta({
    description: "The issuer of the certificates.",
    expected:
      "an object with the key kind, one of: letsencrypt-staging, letsencrypt-production, own-ca, self-signed",
    example: { kind: "letsencrypt-staging", email: "you@example.com" },
  });

const zoneKind = <const K extends string>(value: K) =>
  z.literal(value).meta({
    description: "The provider of the zone.",
    expected: "one of: digitalocean, google",
    example: "digitalocean",
  });
const domain = z
  .string()
  .refine(isDnsName)
  .meta({ description: "The domain of the zone.", expected: "a domain", example: "example.com" });

const dnsSchema = z
  .discriminatedUnion("kind", [
    z.strictObject({ kind: zoneKind("digitalocean"), domain }),
    z.strictObject({
      kind: zoneKind("google"),
      domain,
      managedZone: label("The name of the managed zone in Google Cloud DNS.", "example-com"),
      project: z
        .string()
        .min(1)
        .meta({
          description: "The ID of the project of the zone.",
          expected: "the ID of a project",
          example: "my-project",
          defaultText: "`gcp:project`",
        })
        .optional(),
    }),
  ])
  .meta({
    description:
      "The DNS zone in which a record is created for each host. Without it, the stack's output `dnsRecords` lists the records to create.",
    expected: "an object with the key kind, one of: digitalocean, google",
    example: { kind: "digitalocean", domain: "example.com" },
  });

const nodePort = (description: string, example: number) => wholeNumber(1, 65_535, description, example);

/** The key `faasmesh:ingress`: the platform's hosts over HTTPS. */
export const ingressSchema = z
  .strictObject({
    enabled: flag("Whether to install the ingress.").default(false),
    controller: choice(
      ["traefik", "nginx"],
      "The proxy: `traefik` with the Gateway API, or `nginx` as in the guides (ingress-nginx, retired in March 2026).",
    ).default("traefik"),
    hosts: hostsSchema.default({}),
    others: otherHostsSchema.default({}),
    issuer: issuerSchema.prefault({ kind: "own-ca" }),
    exposure: choice(["loadBalancer", "nodePort", "clusterIP"], "How the proxy is exposed.")
      .meta({
        description: "How the proxy is exposed: the type of its Service.",
        expected: "one of: loadBalancer, nodePort, clusterIP",
        example: "nodePort",
        defaultText: "loadBalancer if the cluster has load balancers, otherwise nodePort",
      })
      .optional(),
    nodePorts: z
      .strictObject({
        http: nodePort("The node port of HTTP.", 30080),
        https: nodePort("The node port of HTTPS.", 30443),
      })
      .meta({
        description: "The node ports, with exposure `nodePort`.",
        example: { http: 30080, https: 30443 },
        defaultText: "allocated by Kubernetes",
      })
      .optional(),
    address: z
      .string()
      .refine((text) => isIP(text) !== 0 || isDnsName(text))
      .meta({
        description: "The address at which clients reach the proxy, if the cluster does not report it.",
        expected: "an IP address or a DNS name",
        example: "203.0.113.7",
        defaultText: "that of the load balancer",
      })
      .optional(),
    httpsPort: wholeNumber(
      1,
      65_535,
      "The port at which clients reach HTTPS, if a device in front of the nodes forwards another port to the node port.",
      443,
    ).optional(),
    httpPort: wholeNumber(
      1,
      65_535,
      "The port at which clients reach HTTP, if a device in front of the nodes forwards it to the node port. Needed only if `httpsPort` is 443 and this is not 80.",
      80,
    ).optional(),
    replicas: podsOf("The number of pods of the proxy.", 100),
    l5dDstOverride: flag(
      "Whether to add the guides' snippet `l5d-dst-override`. Only for nginx. The annotation `service-upstream`, which is always set, has the same effect. With snippets, everyone with write access to Ingresses can configure nginx.",
    ).default(false),
    dns: dnsSchema.optional(),
    inlets: inletsSchema.optional(),
  })
  .superRefine(checkHosts, always)
  .meta({
    description: "Hosts over HTTPS, with certificates of cert-manager.",
    example: {
      enabled: true,
      hosts: { gateway: "gateway.example.com", dashboard: "dashboard.example.com" },
      issuer: { kind: "letsencrypt-staging", email: "you@example.com" },
    },
  });

/** Rejects an ingress without hosts. `IngressWithCert` checks the rest. */
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

/** The value of the key `faasmesh:ingress`, with its defaults. */
export type IngressConfig = z.output<typeof ingressSchema>;
