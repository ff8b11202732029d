import { z } from "zod";
import { isPortOrRange } from "../../components/linkerd-mesh/check";
import { advice, always, choice, flag, wholeNumber } from "./fields";
import { isCidr } from "../../validation/validators";

const maxDays = 36_500;
const days = (description: string, example: number) => wholeNumber(1, maxDays, description, example);

const certificatesSchema = z
  .strictObject({
    trustAnchorDays: days("How long a trust anchor is valid, in days.", 3650).default(3650),
    issuerDays: days(
      "How long the issuer's certificate is valid, in days, at most `trustAnchorDays`.",
      365,
    ).default(365),
    webhookDays: days("How long the certificates of Linkerd's webhooks are valid, in days.", 365).default(
      365,
    ),
  })
  .superRefine((value, context) => {
    if (value.trustAnchorDays >= 1 && value.issuerDays > value.trustAnchorDays) {
      context.addIssue({
        code: "custom",
        path: ["issuerDays"],
        input: value.issuerDays,
        message: advice(
          "at most trustAnchorDays, since an issuer must not expire after its trust anchor",
          "certificates: { trustAnchorDays: 3650, issuerDays: 365 }",
        ),
      });
    }
  }, always)
  .meta({
    description: "How long Linkerd's certificates are valid.",
    example: { trustAnchorDays: 3650, issuerDays: 365, webhookDays: 365 },
  });

const anchorNumber = wholeNumber(1, 1_000_000, "The number of a trust anchor.", 1);

const anchorsSchema = z
  .strictObject({
    trusted: z
      .array(anchorNumber)
      .min(1)
      .max(2)
      .refine((list) => new Set(list).size === list.length)
      .meta({
        description: "The numbers of the trust anchors that proxies trust: one, or two during a rotation.",
        expected: "a list of one number of at least 1, or of two different ones",
        example: [1, 2],
      })
      .default([1]),
    issuing: wholeNumber(
      1,
      1_000_000,
      "The trust anchor that signs the issuer's certificate, one of `trusted`.",
      1,
    ).default(1),
  })
  .superRefine(({ trusted, issuing }, context) => {
    if (!Array.isArray(trusted) || !Number.isInteger(issuing) || trusted.includes(issuing)) return;
    context.addIssue({
      code: "custom",
      path: ["issuing"],
      input: issuing,
      message: advice(
        "one of anchors.trusted, since proxies reject certificates of other anchors; first add it to anchors.trusted and run up, then set anchors.issuing",
        "anchors: { trusted: [1, 2], issuing: 1 }",
      ),
    });
  }, always)
  .meta({
    description: "The trust anchors of the mesh. See docs/rotation.md for how to rotate them.",
    example: { trusted: [1], issuing: 1 },
  });

const folder = (description: string, example: string, byDefault: string) =>
  z
    .string()
    .regex(/^\/\S*$/)
    .meta({ description, expected: "the full path of a folder", example, defaultText: `\`${byDefault}\`` })
    .optional();

const cniSchema = z
  .strictObject({
    enabled: flag(
      "Whether a CNI plugin on each node redirects the traffic of pods, instead of an init container with NET_ADMIN in each pod.",
    ).default(false),
    netDir: folder("The folder on nodes with the CNI configuration.", "/etc/cni/net.d", "/etc/cni/net.d"),
    binDir: folder("The folder on nodes with the CNI plugins.", "/home/kubernetes/bin", "/opt/cni/bin"),
  })
  .meta({ description: "Linkerd's CNI plugin.", example: { enabled: true } });

const url = (description: string, example: string) =>
  z
    .string()
    .refine((text) => URL.canParse(text) && /^https?:\/\/[^/]/.test(text))
    .meta({ description, expected: "a URL that begins with http:// or https://", example })
    .optional();

const grafanaSchema = z
  .strictObject({
    url: z
      .string()
      .regex(/^[a-z0-9.-]+:\d+$/)
      .meta({
        description: "The address of Grafana inside the cluster.",
        expected: "a host and a port",
        example: "grafana.grafana:3000",
      })
      .optional(),
    externalUrl: url("The URL of Grafana outside the cluster.", "https://grafana.example.com"),
  })
  .superRefine(({ url: inside, externalUrl }, context) => {
    if (inside === undefined || externalUrl === undefined) return;
    context.addIssue({
      code: "custom",
      params: { got: "both url and externalUrl" },
      message: advice("one of them: url for a Grafana in the cluster, externalUrl for one outside"),
    });
  }, always)
  .meta({
    description: "Your own Grafana, which the dashboard links to. viz does not install Grafana.",
    example: { externalUrl: "https://grafana.example.com" },
  });

const port = z
  .custom<
    string | number
  >((value) => (typeof value === "string" || typeof value === "number") && isPortOrRange(value))
  .meta({ expected: "a port from 1 to 65535, or a range such as 8000-8100", example: 4222 });
const ports = (description: string) =>
  z
    .array(port)
    .min(1)
    .meta({
      description,
      expected: "a list of ports, at least one",
      example: [4222],
      defaultText: "only Linkerd's",
    })
    .optional();

const cidr = z
  .string()
  .refine(isCidr)
  .meta({ expected: "an IPv4 or IPv6 range in CIDR notation", example: "10.0.0.0/8" });

const networks = z
  .array(cidr)
  .min(1)
  .meta({
    description: "The address ranges of the cluster's pods and Services.",
    expected: "a list of ranges in CIDR notation, at least one",
    example: ["10.0.0.0/8", "100.64.0.0/10"],
    defaultText: "the cluster's if known, otherwise Linkerd's",
  })
  .optional();

/** Linkerd, the key `faasmesh:mesh`. */
export const meshSchema = z
  .strictObject({
    enabled: flag("Whether to install Linkerd.").default(true),
    viz: flag("Whether to install the viz extension: Linkerd's dashboard and metrics.").default(true),
    prometheusUrl: url(
      "The URL of your own Prometheus that scrapes the proxies, instead of the one of viz.",
      "http://prometheus.monitoring:9090",
    ),
    grafana: grafanaSchema.optional(),
    smi: flag(
      "Whether to install Linkerd's SMI extension, for canaries with mode `smi`. Deprecated upstream.",
    ).default(false),
    ha: flag(
      "Whether to run Linkerd in high availability: three replicas on different nodes. Needs at least three nodes.",
    ).default(false),
    cni: cniSchema.prefault({}),
    nativeSidecar: flag("Whether proxies are native sidecars. Needs Kubernetes 1.29 or later.")
      .meta({ defaultText: "Linkerd's: true" })
      .optional(),
    clusterNetworks: networks,
    opaquePorts: ports("Ports that all proxies forward as opaque TCP, with mTLS, in addition to Linkerd's."),
    skipInboundPorts: ports(
      "Ports of incoming connections that bypass all proxies, without mTLS, in addition to Linkerd's.",
    ),
    skipOutboundPorts: ports(
      "Destination ports of outgoing connections that bypass all proxies, without mTLS, in addition to Linkerd's.",
    ),
    identity: choice(
      ["own", "cert-manager"],
      "Who renews the issuer's certificate: with `own`, the first run in the last third of its validity; with `cert-manager`, cert-manager automatically.",
    ).default("own"),
    trustManager: flag(
      "Whether cert-manager also creates the trust anchors, and trust-manager publishes them. Needs identity `cert-manager`, and must be set when the mesh is created.",
    ).default(false),
    anchors: anchorsSchema.prefault({}),
    certificates: certificatesSchema.prefault({}),
  })
  .superRefine((value, context) => {
    if (value.trustManager === true && value.identity === "own")
      context.addIssue({
        code: "custom",
        path: ["trustManager"],
        params: { got: "true, with identity own" },
        message: advice(
          "identity cert-manager, which creates the anchors that trust-manager publishes; set it, or remove trustManager",
          "identity: cert-manager",
        ),
      });
    for (const key of ["prometheusUrl", "grafana"] as const) {
      if (value.viz !== false || value[key] === undefined) continue;
      context.addIssue({
        code: "custom",
        path: [key],
        input: value[key],
        message: advice("no such key without viz, which uses it; remove it, or set viz: true", "viz: true"),
      });
    }
  }, always)
  .meta({ description: "The service mesh, Linkerd.", example: { enabled: true, viz: true } });
