import { strict as assert } from "node:assert";
import { parseConfig } from "../../config/parse";

type Values = Record<string, unknown>;

/** `key: what was got and expected` of each problem. */
function problems(values: Values): string[] {
  const entries = Object.entries({ cluster: { kind: "simulated" }, ...values });
  const raw = entries.map(([key, value]) => [`faasmesh:${key}`, JSON.stringify(value)]);
  try {
    parseConfig(Object.fromEntries(raw) as Record<string, string>, "dev");
    return [];
  } catch (error) {
    const lines = (error as Error).message.split("\n");
    return lines.filter((line) => line.startsWith("  faasmesh:")).map((line) => line.trim());
  }
}

const image = "functions/figlet:0.13.0";
const functions = { echo: { image }, green: { image }, blue: { image } };
const hosts = { gateway: "gateway.example.com" };
const ingress = { enabled: true, hosts };
const guide = [
  { service: "green", weight: "900m" },
  { service: "blue", weight: "100m" },
];
const service = { clients: "service", backends: guide };

const inlets = { provider: "digitalocean", region: "lon1", token: "a", license: "a.b.c" };

const progressive = { mode: "mesh", clients: "service", progressive: {} };

const good: [string, Values][] = [
  ["a progressive canary", { openfaas: { functions }, canaries: { echo: progressive } }],
  [
    "a progressive canary of the gateway's calls, where Pro sends them to Services",
    {
      openfaas: { functions, pro: { license: "a", directFunctions: true } },
      canaries: { echo: { mode: "mesh", progressive: { stepWeight: 50, interval: "30s" } } },
    },
  ],
  [
    "a load balancer by inlets, where the cluster has none",
    { cluster: { kind: "existing" }, ingress: { ...ingress, inlets, exposure: "loadBalancer" } },
  ],
  ["inlets on kind", { cluster: { kind: "kind" }, ingress: { ...ingress, inlets } }],
  ["inlets in a simulation", { ingress: { ...ingress, inlets } }],
  [
    "inlets of an ingress that is off",
    { cluster: { kind: "existing", loadBalancer: true }, ingress: { ...ingress, enabled: false, inlets } },
  ],
  [
    "the guide's weights at the edge",
    { openfaas: { functions }, ingress, canaries: { echo: { backends: guide } } },
  ],
  [
    "percent, at a Gateway of one's own",
    {
      openfaas: { functions },
      canaries: {
        echo: {
          backends: [
            { service: "green", weight: "90%" },
            { service: "blue", weight: 10 },
          ],
          gateway: { name: "edge", namespace: "edge" },
        },
      },
    },
  ],
  ["a split in the mesh", { openfaas: { functions }, canaries: { echo: { mode: "mesh", ...service } } }],
  ["SMI", { mesh: { smi: true }, openfaas: { functions }, canaries: { echo: { mode: "smi", ...service } } }],
  [
    "a split in the mesh of the gateway's calls, where Pro sends them to Services",
    {
      openfaas: { functions, pro: { license: "a", directFunctions: true } },
      canaries: { echo: { mode: "mesh", backends: guide } },
    },
  ],
  [
    "every host of the platform, on any cluster",
    {
      knative: { enabled: true, domain: "example.com" },
      ingress: {
        enabled: true,
        hosts: { ...hosts, dashboard: "dashboard.example.com", knative: "*.default.example.com" },
      },
    },
  ],
  [
    "Knative through Traefik, with a wildcard for its services",
    {
      knative: { enabled: true, layer: "traefik", services: { one: { image: "example/one:1" } } },
      ingress: { enabled: true, hosts: { ...hosts, knative: "*.default.127.0.0.1.sslip.io" } },
    },
  ],
  [
    "more with a licence than Community Edition serves",
    {
      openfaas: {
        pro: { license: "a" },
        functions: Object.fromEntries(
          Array.from({ length: 20 }, (_, at) => [
            `f${at}`,
            { image, scale: { max: 50 }, labels: { "com.openfaas.scale.zero": "true" } },
          ]),
        ),
      },
    },
  ],
  [
    "an ingress that is off, whatever it says",
    { ingress: { hosts: { dashboard: "d.example.com" } }, mesh: { enabled: false } },
  ],
];

const canary = (echo: unknown, more: Values = {}): Values => ({
  openfaas: { functions },
  ingress,
  canaries: { echo },
  ...more,
});

const bad: [string, Values, string[]][] = [
  [
    "a canary without backends",
    canary({}),
    ["canaries.echo.backends: got nothing, expected a list of functions with weights"],
  ],
  [
    "a weight of no unit that is known, and says no more about it",
    canary({ backends: [{ service: "green", weight: "900M" }] }),
    ['canaries.echo.backends[0].weight: got "900M", expected a weight from 0m to 1000m'],
  ],
  [
    "an unknown backend, and weights that do not add up",
    canary({ backends: [{ service: "red", weight: "900m" }] }),
    [
      "canaries.echo.backends: got weights that add up to 900m (90 %), expected 1000m (100 %)",
      'canaries.echo.backends[0].service: got "red", expected one of the declared functions: blue, echo, green',
    ],
  ],
  [
    "a progressive canary at the edge",
    canary({ progressive: {} }),
    [
      "canaries.echo.clients: got gateway, with progressive, expected service",
      "canaries.echo.mode: got edge, with progressive, expected mesh, since Flagger changes the HTTPRoute of a Service",
    ],
  ],
  [
    "a progressive canary without metrics",
    { mesh: { viz: false }, openfaas: { functions }, canaries: { echo: progressive } },
    ["canaries.echo.progressive: got a progressive canary, without viz, expected mesh.enabled and mesh.viz"],
  ],
  [
    "a progressive canary without a mesh",
    { mesh: { enabled: false }, openfaas: { functions }, canaries: { echo: progressive } },
    ["canaries.echo.progressive: got a progressive canary, without a mesh, expected mesh.enabled"],
  ],
  [
    "a progressive canary of a function out of the mesh",
    { openfaas: { functions: { echo: { image, mesh: false } } }, canaries: { echo: progressive } },
    [
      "canaries.echo.progressive: got a progressive canary of echo, which is not in the mesh, expected a function",
    ],
  ],
  [
    "progressive beside fixed weights",
    canary({ ...progressive, backends: guide }),
    ["canaries.echo.backends: got functions with weights, with progressive, expected none"],
  ],
  [
    "numbers that Flagger does not take",
    canary({
      ...progressive,
      progressive: {
        stepWeight: 60,
        interval: "1h",
        threshold: 0,
        metrics: { successRate: 101, latency: 0 },
      },
    }),
    [
      'canaries.echo.progressive.interval: got "1h", expected minutes or seconds',
      "canaries.echo.progressive.metrics.latency: got 0, expected a number above 0",
      "canaries.echo.progressive.metrics.successRate: got 101, expected a number from 0 to 100",
      "canaries.echo.progressive.stepWeight: got 60, expected at most maxWeight",
      "canaries.echo.progressive.threshold: got 0, expected a whole number from 1 to 1000",
    ],
  ],
  [
    "an unknown root",
    { openfaas: { functions }, ingress, canaries: { ehco: { backends: guide } } },
    ['canaries.ehco: got "ehco", expected one of the declared functions'],
  ],
  [
    "a split in the mesh of what does not pass it",
    canary({ mode: "mesh", backends: guide }),
    ["canaries.echo.mode: got mesh, with clients: gateway, expected edge"],
  ],
  [
    "a split in a mesh that there is not",
    canary({ mode: "mesh", ...service }, { mesh: { enabled: false } }),
    ["canaries.echo.mode: got mesh, expected edge, since the mesh is disabled"],
  ],
  [
    "SMI without its extension",
    canary({ mode: "smi", ...service }),
    ["canaries.echo.mode: got smi, expected edge or mesh"],
  ],
  [
    "the edge without a Gateway",
    canary({ backends: guide }, { ingress: {} }),
    ["canaries.echo.gateway: got nothing, expected the Gateway"],
  ],
  [
    "the edge behind nginx, which has no Gateway",
    canary({ backends: guide }, { ingress: { ...ingress, controller: "nginx" } }),
    ["canaries.echo.gateway: got nothing, expected the Gateway"],
  ],
  [
    "hosts of what there is not",
    {
      mesh: { viz: false },
      openfaas: { enabled: false },
      ingress: { enabled: true, hosts: { ...hosts, dashboard: "d.example.com", knative: "*.k.example.com" } },
    },
    [
      "ingress.hosts.dashboard: got d.example.com, without Linkerd's viz, expected no such host",
      "ingress.hosts.gateway: got gateway.example.com, without OpenFaaS, expected no such host",
      "ingress.hosts.knative: got *.k.example.com, without Knative, expected no such host",
    ],
  ],
  [
    "a host of Knative's outside its domain",
    { knative: { enabled: true }, ingress: { enabled: true, hosts: { knative: "*.k.example.com" } } },
    [
      "ingress.hosts.knative: got *.k.example.com, with the domain of sslip.io, expected a host in knative.domain",
    ],
  ],
  [
    "Knative through Traefik without an ingress",
    { knative: { enabled: true, layer: "traefik" } },
    [
      "knative.layer: got traefik, without an ingress, expected an ingress with the controller traefik, which serves the services; set ingress.enabled: true",
    ],
  ],
  [
    "Knative through Traefik behind nginx, with a gateway of its own",
    {
      knative: { enabled: true, layer: "traefik", gateway: { replicas: 2 } },
      ingress: { ...ingress, controller: "nginx" },
    },
    [
      "knative.gateway: got replicas 2 and serviceType ClusterIP, with the layer traefik, expected no gateway",
      "knative.layer: got traefik, with ingress.controller nginx, expected an ingress with the controller traefik",
    ],
  ],
  [
    "Knative's hostnames that Let's Encrypt does not sign, and a wildcard without a DNS solver",
    {
      knative: {
        ...{ enabled: true, layer: "traefik", domain: "example.test" },
        services: { one: { image: "example/one:1" }, two: { image: "example/two:1", namespace: "two" } },
      },
      ingress: {
        ...{ enabled: true, address: "203.0.113.1", hosts: { knative: "*.default.example.test" } },
        issuer: { kind: "letsencrypt-staging", email: "you@example.com" },
      },
    },
    [
      "ingress.hosts.knative: got the wildcard *.default.example.test, with the solver http01",
      "ingress.hosts.knative: got *.default.example.test, with the issuer letsencrypt-staging",
      "knative.domain: got two.two.example.test, with the issuer letsencrypt-staging",
    ],
  ],
  [
    "what Ambassador cannot do",
    {
      knative: {
        enabled: true,
        targetBurstCapacity: -1,
        services: {
          hidden: { image: "example/one:1", visibility: "cluster-local" },
          split: {
            ...{ image: "example/two:1", revisions: ["v1", "v2"] },
            traffic: [
              { revision: "v1", percent: 50 },
              { revision: "v2", percent: 50 },
            ],
          },
        },
      },
    },
    [
      'knative.services.hidden.visibility: got "cluster-local", with the layer ambassador, expected a layer that hides such services',
      "knative.targetBurstCapacity: got -1, with the layer ambassador and services.split.traffic to several revisions, expected 0",
    ],
  ],
  [
    "what the ingress refuses: a load balancer where there is none",
    { cluster: { kind: "existing" }, ingress: { ...ingress, exposure: "loadBalancer" } },
    ['ingress.exposure: got "loadBalancer", on a cluster without one, expected "nodePort" or "clusterIP"'],
  ],
  [
    "inlets beside a load balancer",
    { cluster: { kind: "existing", loadBalancer: true }, ingress: { ...ingress, inlets } },
    [
      "ingress.inlets: got digitalocean, on a cluster with its own load balancers, expected no inlets, since each Service would get an address from both; remove it, or set cluster.loadBalancer: false",
    ],
  ],
  [
    "inlets without anything that it serves",
    { cluster: { kind: "existing" }, ingress: { ...ingress, inlets, exposure: "nodePort" } },
    ["ingress.exposure: got nodePort, with inlets, expected loadBalancer, since inlets supports no other"],
  ],
  [
    "inlets without what its cloud wants",
    { cluster: { kind: "existing" }, ingress: { ...ingress, inlets: { ...inlets, provider: "scaleway" } } },
    [
      "ingress.inlets.organizationId: got nothing, expected an ID",
      "ingress.inlets.secretKey: got nothing, expected a key, as a secret",
    ],
  ],
  [
    "inlets in a cloud that it does not know",
    { ingress: { ...ingress, inlets: { ...inlets, provider: "ovh" } } },
    ['ingress.inlets.provider: got "ovh", expected one of: digitalocean, hetzner, linode, azure, ec2'],
  ],
  [
    "inlets with a licence of another form, which is not shown",
    { ingress: { ...ingress, inlets: { ...inlets, license: "my-licence" } } },
    ["ingress.inlets.license: got text in another format (not shown), expected a licence key of inlets"],
  ],
  [
    "what the ingress refuses of another host, by its own key",
    {
      ingress: {
        enabled: true,
        issuer: { kind: "letsencrypt-staging", email: "you@example.com" },
        others: { app: { hostname: "app.test", namespace: "apps", service: "app", port: 80 } },
      },
    },
    [
      "ingress.others.app.hostname: got app.test, with the issuer letsencrypt-staging, expected a public name",
    ],
  ],
  [
    "what Community Edition does not serve",
    {
      openfaas: {
        functions: { echo: { image, scale: { max: 6 }, labels: { "com.openfaas.scale.type": "cpu" } } },
      },
    },
    [
      'openfaas.functions.echo.labels["com.openfaas.scale.type"]: got "cpu", expected no such label',
      "openfaas.functions.echo.scale.max: got 6, expected a whole number from 1 to 5",
    ],
  ],
  [
    "all of it at once, beside what is wrong by itself",
    {
      cluster: { kind: "kindly" },
      mesh: { viz: "yes" },
      openfaas: { functions: { ...functions, broken: {} } },
      ingress,
      canaries: { echo: { backends: [{ service: "red", weight: "1000m" }] }, broken: { backends: guide } },
    },
    [
      'canaries.echo.backends[0].service: got "red", expected one of the declared functions: blue, broken, echo, green',
      "cluster.kind: got",
      'mesh.viz: got "yes"',
      "openfaas.functions.broken.image: got nothing",
    ],
  ],
];

describe("the parts of a configuration together", () => {
  for (const [title, values] of good) it(`may be ${title}`, () => assert.deepEqual(problems(values), []));

  for (const [title, values, expected] of bad) {
    it(`must not be ${title}`, () => {
      const found = problems(values);
      assert.equal(found.length, expected.length, found.join("\n"));
      for (const [at, start] of expected.entries())
        assert.ok(found[at]?.startsWith(`faasmesh:${start}`), `${found[at]}\n  is not: ${start}`);
    });
  }
});
