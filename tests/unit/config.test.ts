import * as pulumi from "@pulumi/pulumi";
import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { configurationPage } from "../../cli/docs/configuration-page";
import { metaOf } from "../../config/schema/fields";
import { allowsSecret, keysOf } from "../../config/schema/keys";
import { loadConfig } from "../../config/load";
import { parseConfig, type ParseOptions, type StackConfig } from "../../config/parse";
import { platformSchema } from "../../config/schema/platform";
import { isAnnotationKey, isCidr, isLabelKey, isMirror, quantityValue } from "../../validation/validators";
import { UserError } from "../../errors";

type Values = Record<string, unknown>;

/** Configuration as Pulumi hands it to a program: texts as they are, objects as JSON. */
function asPulumi(values: Values): Record<string, string> {
  const cluster = { kind: "simulated" };
  return Object.fromEntries(
    Object.entries({ cluster, ...values })
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => [
        key.includes(":") ? key : `faasmesh:${key}`,
        typeof value === "string" ? value : JSON.stringify(value),
      ]),
  );
}

function load(values: Values = {}, options: ParseOptions = {}, stack = "dev") {
  return parseConfig(asPulumi(values), stack, options);
}

function messageOf(values: Values, options: ParseOptions = {}, stack = "dev"): string {
  try {
    load(values, options, stack);
  } catch (error) {
    assert.ok(error instanceof UserError, String(error));
    return error.message;
  }
  return assert.fail("no error");
}

const figlet = { image: "functions/figlet:0.13.0" };
const withFunction = (keys: Values): Values => ({
  openfaas: { functions: { figlet: { ...figlet, ...keys } } },
});
const manyFunctions = (count: number): Values => ({
  openfaas: { functions: Object.fromEntries(Array.from({ length: count }, (_, n) => [`fn${n}`, figlet])) },
});
const fn = "faasmesh:openfaas.functions.figlet";

const labName = "at most 40 lower-case letters, digits and '-', with a letter or digit at both ends";
const functionName =
  "at most 63 lower-case letters, digits and '-', beginning with a letter and ending with a letter or digit";
const image = "an image with a tag other than 'latest', or with a digest";
const quantity = "a Kubernetes quantity, such as 250m, 0.5, 64Mi or 1Gi";
const mirror = "a folder, or a URL that begins with http://, https:// or oci://";
const text = "a text; numbers, true and false in quotes";
const labelKey =
  "at most 63 letters, digits, '-', '_' and '.', with a letter or digit at both ends, after an optional DNS name and '/'";
const labelValue =
  "a text of at most 63 letters, digits, '-', '_' and '.', with a letter or digit at both ends; numbers, true and false in quotes";
const clusterKeys = "expected one of: kind, lab";

/** A wrong value each: its problem, and the example that goes with it where there is one. */
const wrong: [values: Values, problem: string, example?: string][] = [
  // stack
  [
    { stack: "workshops" },
    "faasmesh:stack: got \"workshops\", expected one of: platform, workshop (did you mean 'workshop'?)",
    "faasmesh:stack: platform",
  ],
  [
    { stack: "platfrom" },
    "faasmesh:stack: got \"platfrom\", expected one of: platform, workshop (did you mean 'platform'?)",
    "faasmesh:stack: platform",
  ],
  [{ stack: "" }, 'faasmesh:stack: got "", expected one of: platform, workshop', "faasmesh:stack: platform"],

  // keys that nobody knows
  [{ opnfaas: {} }, "faasmesh:opnfaas: got an unknown key, expected a known key; did you mean 'openfaas'?"],
  [
    { gatewayAPI: {} },
    "faasmesh:gatewayAPI: got an unknown key, expected a known key; did you mean 'gatewayApi'?",
  ],
  [
    { region: "fra1" },
    "faasmesh:region: got an unknown key, expected one of: stack, cluster, charts, replicas, gatewayApi, mesh, openfaas, knative, ingress, canaries",
  ],
  [{ constructor: "x" }, /^faasmesh:constructor: got an unknown key, expected one of: stack/.source],
  [
    { openfaas: { function: {} } },
    "faasmesh:openfaas.function: got an unknown key, expected a known key; did you mean 'functions'?",
  ],
  [
    { openfaas: { gateway: { nodePort: 31112 } } },
    "faasmesh:openfaas.gateway.nodePort: got an unknown key, expected one of: replicas, serviceType",
  ],
  [
    { mesh: { vis: true } },
    "faasmesh:mesh.vis: got an unknown key, expected a known key; did you mean 'viz'?",
  ],
  [
    { mesh: { certificates: { issuerDay: 3 } } },
    "faasmesh:mesh.certificates.issuerDay: got an unknown key, expected a known key; did you mean 'issuerDays'?",
  ],
  [
    withFunction({ imgae: "x:1" }),
    `${fn}.imgae: got an unknown key, expected a known key; did you mean 'image'?`,
  ],
  [
    withFunction({ scale: { minimum: 1 } }),
    `${fn}.scale.minimum: got an unknown key, expected one of: min, max, factor`,
  ],
  [
    withFunction({ limits: { "nvidia.com/gpu": 1 } }),
    `${fn}.limits["nvidia.com/gpu"]: got an unknown key, expected one of: cpu, memory`,
  ],

  // values that are no object
  [
    { openfaas: "{functions: " },
    'faasmesh:openfaas: got "{functions: ", expected an object with keys from: enabled, async, nats, gateway, pro, ingressOperator, functions',
    "faasmesh:openfaas: { async: true, functions: { echo: { image: functions/figlet:0.13.0, process: cat, scale: { min: 1, max: 3 } }, echo-green: { image: functions/figlet:0.13.0, process: cat }, echo-blue: { image: functions/figlet:0.13.0, process: cat } } }",
  ],
  [
    { mesh: true },
    /^faasmesh:mesh: got true, expected an object with keys from: enabled, viz, prometheusUrl, grafana, smi, /
      .source,
    "faasmesh:mesh: { enabled: true, viz: true }",
  ],
  [
    { mesh: "" },
    /^faasmesh:mesh: got "", expected an object/.source,
    "faasmesh:mesh: { enabled: true, viz: true }",
  ],
  [
    { mesh: [] },
    /^faasmesh:mesh: got \[\], expected an object/.source,
    "faasmesh:mesh: { enabled: true, viz: true }",
  ],
  [
    { gatewayApi: true },
    "faasmesh:gatewayApi: got true, expected an object with keys from: install",
    "faasmesh:gatewayApi: { install: true }",
  ],
  [
    { openfaas: { functions: ["figlet"] } },
    'faasmesh:openfaas.functions: got ["figlet"], expected an object: names of functions, and for each an object with the key image',
    "functions: { figlet: { image: functions/figlet:0.13.0 } }",
  ],
  [
    { openfaas: { functions: null } },
    "faasmesh:openfaas.functions: got null, expected an object: names of functions, and for each an object with the key image",
    "functions: { figlet: { image: functions/figlet:0.13.0 } }",
  ],
  [
    { openfaas: { functions: { figlet: "figlet:1" } } },
    /^faasmesh:openfaas\.functions\.figlet: got "figlet:1", expected an object with keys from: image, process, env/
      .source,
    "figlet: { image: functions/figlet:0.13.0, process: figlet }",
  ],

  // cluster
  [
    { cluster: undefined },
    "faasmesh:cluster: got nothing, expected an object with the key kind, one of: simulated, kind, existing, k3s, gke",
    "faasmesh:cluster: { kind: simulated, lab: dev }",
  ],
  [
    { cluster: "simulated" },
    'faasmesh:cluster: got "simulated", expected an object with the key kind, one of: simulated, kind, existing, k3s, gke',
    "faasmesh:cluster: { kind: simulated, lab: dev }",
  ],
  [
    { cluster: {} },
    "faasmesh:cluster.kind: got nothing, expected one of: simulated, kind, existing, k3s, gke",
    "kind: simulated",
  ],
  [
    { cluster: { kind: "eks" } },
    'faasmesh:cluster.kind: got "eks", expected one of: simulated, kind, existing, k3s, gke',
    "kind: simulated",
  ],
  [
    { cluster: { kind: "exsting" } },
    "faasmesh:cluster.kind: got \"exsting\", expected one of: simulated, kind, existing, k3s, gke (did you mean 'existing'?)",
    "kind: simulated",
  ],
  [
    { cluster: { kind: 1 } },
    "faasmesh:cluster.kind: got 1, expected one of: simulated, kind, existing, k3s, gke",
    "kind: simulated",
  ],
  [
    { cluster: { kind: "simulated", kubeconfig: "x" } },
    `faasmesh:cluster.kubeconfig: got an unknown key, ${clusterKeys}`,
  ],
  [
    { cluster: { kind: "existing", lab: "dev" } },
    "faasmesh:cluster.lab: got an unknown key, expected one of: kind, kubeconfig, context, loadBalancer, gatewayApi, serviceCidr",
  ],
  [
    { cluster: { kind: "kind", lab: "My Lab" } },
    `faasmesh:cluster.lab: got "My Lab", expected ${labName}`,
    "lab: dev",
  ],
  [{ cluster: { kind: "kind", lab: "" } }, `faasmesh:cluster.lab: got "", expected ${labName}`, "lab: dev"],
  [
    { cluster: { kind: "kind", lab: "a-" } },
    `faasmesh:cluster.lab: got "a-", expected ${labName}`,
    "lab: dev",
  ],
  [
    { cluster: { kind: "simulated", lab: "a".repeat(41) } },
    `faasmesh:cluster.lab: got "${"a".repeat(41)}", expected ${labName}`,
    "lab: dev",
  ],
  [
    { cluster: { kind: "simulated", lab: 7 } },
    `faasmesh:cluster.lab: got 7, expected ${labName}`,
    "lab: dev",
  ],
  [
    { cluster: { kind: "existing", kubeconfig: "" } },
    'faasmesh:cluster.kubeconfig: got "", expected the path of one file',
    "kubeconfig: ~/.kube/config",
  ],
  [
    { cluster: { kind: "existing", kubeconfig: "a:b" } },
    'faasmesh:cluster.kubeconfig: got "a:b", expected the path of one file',
    "kubeconfig: ~/.kube/config",
  ],
  [
    { cluster: { kind: "existing", context: "" } },
    'faasmesh:cluster.context: got "", expected the name of a context',
    "context: admin@lab",
  ],

  // charts, Gateway API
  [
    { charts: { mirror: "ftp://charts.example.com" } },
    `faasmesh:charts.mirror: got "ftp://charts.example.com", expected ${mirror}`,
    "mirror: https://charts.example.com/faasmesh",
  ],
  [
    { charts: { mirror: "https://" } },
    `faasmesh:charts.mirror: got "https://", expected ${mirror}`,
    "mirror: https://charts.example.com/faasmesh",
  ],
  [
    { charts: { mirror: " " } },
    `faasmesh:charts.mirror: got " ", expected ${mirror}`,
    "mirror: https://charts.example.com/faasmesh",
  ],
  [
    { charts: { mirror: 5 } },
    `faasmesh:charts.mirror: got 5, expected ${mirror}`,
    "mirror: https://charts.example.com/faasmesh",
  ],
  [
    { gatewayApi: { install: "true" } },
    'faasmesh:gatewayApi.install: got "true", expected true, false or "auto"',
    "install: auto",
  ],
  [
    { gatewayApi: { install: "never" } },
    'faasmesh:gatewayApi.install: got "never", expected true, false or "auto"',
    "install: auto",
  ],

  // mesh
  [{ mesh: { enabled: "yes" } }, 'faasmesh:mesh.enabled: got "yes", expected true or false', "enabled: true"],
  [{ mesh: { viz: null } }, "faasmesh:mesh.viz: got null, expected true or false", "viz: true"],
  [
    { mesh: { clusterNetworks: "10.0.0.0/8" } },
    'faasmesh:mesh.clusterNetworks: got "10.0.0.0/8", expected a list of ranges in CIDR notation, at least one',
    "clusterNetworks: [ 10.0.0.0/8, 100.64.0.0/10 ]",
  ],
  [
    { mesh: { clusterNetworks: [] } },
    "faasmesh:mesh.clusterNetworks: got [], expected a list of ranges in CIDR notation, at least one",
    "clusterNetworks: [ 10.0.0.0/8, 100.64.0.0/10 ]",
  ],
  [
    { mesh: { clusterNetworks: ["10.0.0.0/8", "10.0.0.0/33"] } },
    'faasmesh:mesh.clusterNetworks[1]: got "10.0.0.0/33", expected an IPv4 or IPv6 range in CIDR notation',
    "10.0.0.0/8",
  ],
  [
    { mesh: { certificates: { trustAnchorDays: 0 } } },
    "faasmesh:mesh.certificates.trustAnchorDays: got 0, expected a whole number from 1 to 36500",
    "trustAnchorDays: 3650",
  ],
  [
    { mesh: { certificates: { issuerDays: 1.5 } } },
    "faasmesh:mesh.certificates.issuerDays: got 1.5, expected a whole number from 1 to 36500",
    "issuerDays: 365",
  ],
  [
    { mesh: { certificates: { webhookDays: "365" } } },
    'faasmesh:mesh.certificates.webhookDays: got "365", expected a whole number from 1 to 36500',
    "webhookDays: 365",
  ],
  [
    { mesh: { certificates: { issuerDays: 400, trustAnchorDays: 399 } } },
    "faasmesh:mesh.certificates.issuerDays: got 400, expected at most trustAnchorDays, since an issuer must not expire after its trust anchor",
    "certificates: { trustAnchorDays: 3650, issuerDays: 365 }",
  ],
  [
    { mesh: { certificates: { trustAnchorDays: 30 } } },
    "faasmesh:mesh.certificates.issuerDays: got 365 (the default), expected at most trustAnchorDays, since an issuer must not expire after its trust anchor",
    "certificates: { trustAnchorDays: 3650, issuerDays: 365 }",
  ],

  // Replicas
  [
    { replicas: 0 },
    "faasmesh:replicas: got 0, expected a whole number from 1 to 100",
    "faasmesh:replicas: 2",
  ],
  [
    { replicas: "two" },
    'faasmesh:replicas: got "two", expected a whole number from 1 to 100',
    "faasmesh:replicas: 2",
  ],

  // OpenFaaS
  [{ openfaas: { enabled: 1 } }, "faasmesh:openfaas.enabled: got 1, expected true or false", "enabled: true"],
  [
    { openfaas: { async: "false" } },
    'faasmesh:openfaas.async: got "false", expected true or false',
    "async: true",
  ],
  [
    { openfaas: { nats: "opague" } },
    "faasmesh:openfaas.nats: got \"opague\", expected one of: skip, opaque (did you mean 'opaque'?)",
    "nats: skip",
  ],
  [
    { openfaas: { gateway: { replicas: 0 } } },
    "faasmesh:openfaas.gateway.replicas: got 0, expected a whole number of at least 1",
    "replicas: 1",
  ],
  [
    { openfaas: { gateway: { serviceType: "CLUSTERIP" } } },
    "faasmesh:openfaas.gateway.serviceType: got \"CLUSTERIP\", expected one of: ClusterIP, NodePort, LoadBalancer (did you mean 'ClusterIP'?)",
    "serviceType: ClusterIP",
  ],
  [
    { openfaas: { gateway: { serviceType: "loadbalancer" } } },
    "faasmesh:openfaas.gateway.serviceType: got \"loadbalancer\", expected one of: ClusterIP, NodePort, LoadBalancer (did you mean 'LoadBalancer'?)",
    "serviceType: ClusterIP",
  ],

  // functions
  [
    { openfaas: { functions: { Figlet: figlet } } },
    `faasmesh:openfaas.functions.Figlet: got the name "Figlet", expected ${functionName}`,
    "figlet",
  ],
  [
    { openfaas: { functions: { "3d": figlet } } },
    `faasmesh:openfaas.functions.3d: got the name "3d", expected ${functionName}`,
    "figlet",
  ],
  [
    { openfaas: { functions: { "my.fn": figlet } } },
    `faasmesh:openfaas.functions["my.fn"]: got the name "my.fn", expected ${functionName}`,
    "figlet",
  ],
  [
    { openfaas: { functions: { ["f".repeat(64)]: figlet } } },
    `faasmesh:openfaas.functions.${"f".repeat(64)}: got the name "${"f".repeat(64)}", expected ${functionName}`,
    "figlet",
  ],
  [
    manyFunctions(17),
    "faasmesh:openfaas.functions: got 17 functions, expected at most 15, the limit of OpenFaaS Community Edition; remove 2 of them",
  ],
  [
    withFunction({ image: undefined }),
    `${fn}.image: got nothing, expected ${image}`,
    "image: functions/figlet:0.13.0",
  ],
  [withFunction({ image: 1 }), `${fn}.image: got 1, expected ${image}`, "image: functions/figlet:0.13.0"],
  [
    withFunction({ image: "ghcr.io/example/figlet" }),
    `${fn}.image: got "ghcr.io/example/figlet", expected an image with a fixed tag or a digest, since without a tag it means 'latest', which changes without notice`,
    "image: functions/figlet:0.13.0",
  ],
  [
    withFunction({ image: "localhost:5000/figlet" }),
    `${fn}.image: got "localhost:5000/figlet", expected an image with a fixed tag or a digest, since without a tag it means 'latest', which changes without notice`,
    "image: functions/figlet:0.13.0",
  ],
  [
    withFunction({ image: "figlet:latest" }),
    `${fn}.image: got "figlet:latest", expected an image with a fixed tag or a digest, since the tag 'latest' changes without notice`,
    "image: functions/figlet:0.13.0",
  ],
  [
    withFunction({ image: "Example/Figlet:1" }),
    `${fn}.image: got "Example/Figlet:1", expected an image with a fixed tag or a digest, since it is not an image reference`,
    "image: functions/figlet:0.13.0",
  ],
  [
    withFunction({ image: "figlet@sha256:12ab" }),
    `${fn}.image: got "figlet@sha256:12ab", expected an image with a fixed tag or a digest, since it is not an image reference`,
    "image: functions/figlet:0.13.0",
  ],
  [withFunction({ process: "" }), `${fn}.process: got "", expected a command`, "process: figlet"],
  [
    withFunction({ process: ["figlet"] }),
    `${fn}.process: got ["figlet"], expected a command`,
    "process: figlet",
  ],
  [withFunction({ mesh: "off" }), `${fn}.mesh: got "off", expected true or false`, "mesh: true"],

  // environment variables, labels, annotations
  [
    withFunction({ env: { fprocess: "figlet" } }),
    `${fn}.env.fprocess: got the name "fprocess", expected no such variable: it is set from the function's key process; use that key`,
    "process: figlet",
  ],
  [
    withFunction({ env: { "WRITE-DEBUG": "true" } }),
    `${fn}.env.WRITE-DEBUG: got the name "WRITE-DEBUG", expected a variable's name: letters, digits and '_', not beginning with a digit`,
    "WRITE_DEBUG",
  ],
  [
    withFunction({ env: { WRITE_DEBUG: true } }),
    `${fn}.env.WRITE_DEBUG: got true, expected ${text}`,
    'WRITE_DEBUG: "true"',
  ],
  [
    withFunction({ env: ["A=b"] }),
    `${fn}.env: got ["A=b"], expected environment variables: names and texts`,
    'env: { WRITE_DEBUG: "true" }',
  ],
  [
    withFunction({ labels: { "a b": "x" } }),
    `${fn}.labels["a b"]: got the name "a b", expected ${labelKey}`,
    "example.com/team",
  ],
  [
    withFunction({ labels: { "Ex.com/a": "x" } }),
    `${fn}.labels["Ex.com/a"]: got the name "Ex.com/a", expected ${labelKey}`,
    "example.com/team",
  ],
  [
    withFunction({ labels: { team: "the blue one" } }),
    `${fn}.labels.team: got "the blue one", expected ${labelValue}`,
    "team: blue",
  ],
  [withFunction({ labels: { team: 5 } }), `${fn}.labels.team: got 5, expected ${labelValue}`, "team: blue"],
  [
    withFunction({ labels: { "com.openfaas.scale.zero": "true" } }),
    `${fn}.labels["com.openfaas.scale.zero"]: got "true", expected no such label: Community Edition does not scale to zero; remove the label and keep scale.min at 1 or more`,
    "scale: { min: 1 }",
  ],
  [
    withFunction({ labels: { "com.openfaas.scale.type": "cpu" } }),
    `${fn}.labels["com.openfaas.scale.type"]: got "cpu", expected no such label: Community Edition scales by requests per second only; remove the label`,
  ],
  [
    withFunction({ labels: { "com.openfaas.scale.target": "50" } }),
    `${fn}.labels["com.openfaas.scale.target"]: got "50", expected no such label: Community Edition's target is fixed; remove the label and set the size of a scaling step`,
    "scale: { factor: 50 }",
  ],
  ...["min", "max", "factor"].map((key): [Values, string, string] => [
    withFunction({ labels: { [`com.openfaas.scale.${key}`]: "2" } }),
    `${fn}.labels["com.openfaas.scale.${key}"]: got "2", expected no such label: it is set from the function's key scale.${key}; use that key`,
    `scale: { ${key}: 5 }`,
  ]),
  [
    withFunction({ labels: { faas_function: "other" } }),
    `${fn}.labels.faas_function: got "other", expected no such label: it is set from the function's name; remove the label`,
  ],
  [
    withFunction({ annotations: { "a/b/c": "x" } }),
    `${fn}.annotations["a/b/c"]: got the name "a/b/c", expected ${labelKey}`,
    "example.com/owner",
  ],
  [
    withFunction({ annotations: { owner: 5 } }),
    `${fn}.annotations.owner: got 5, expected ${text}`,
    'owner: "true"',
  ],

  // scaling, resources
  [
    withFunction({ scale: { max: 6 } }),
    `${fn}.scale.max: got 6, expected a whole number from 1 to 5, the limit of OpenFaaS Community Edition`,
    "max: 5",
  ],
  [
    withFunction({ scale: { min: 0 } }),
    `${fn}.scale.min: got 0, expected a whole number of at least 1`,
    "min: 1",
  ],
  [
    withFunction({ scale: { factor: 101 } }),
    `${fn}.scale.factor: got 101, expected a whole number from 0 to 100`,
    "factor: 20",
  ],
  [
    withFunction({ scale: { min: 3, max: 2 } }),
    `${fn}.scale.min: got 3, expected at most scale.max`,
    "scale: { min: 1, max: 5 }",
  ],
  [
    withFunction({ limits: { memory: "64MB" } }),
    `${fn}.limits.memory: got "64MB", expected ${quantity}`,
    "memory: 64Mi",
  ],
  [
    withFunction({ limits: { cpu: "half" } }),
    `${fn}.limits.cpu: got "half", expected ${quantity}`,
    "cpu: 250m",
  ],
  [withFunction({ requests: { cpu: -1 } }), `${fn}.requests.cpu: got -1, expected ${quantity}`, "cpu: 250m"],
  [
    withFunction({ requests: { memory: true } }),
    `${fn}.requests.memory: got true, expected ${quantity}`,
    "memory: 64Mi",
  ],
  [
    withFunction({ limits: { memory: "64M" }, requests: { memory: "64Mi" } }),
    `${fn}.requests.memory: got "64Mi", expected at most limits.memory, since Kubernetes rejects requests above the limit`,
    "{ limits: { memory: 128Mi }, requests: { memory: 64Mi } }",
  ],
];

describe("config", () => {
  describe("defaults", () => {
    const others = {
      knative: {
        enabled: false,
        layer: "ambassador",
        gateway: { serviceType: "ClusterIP" },
        services: {},
        existingNamespaces: ["default"],
      },
      ingress: {
        enabled: false,
        controller: "traefik",
        hosts: {},
        others: {},
        issuer: { kind: "own-ca", days: 3650 },
        l5dDstOverride: false,
      },
      canaries: {},
    };

    it("need the kind of cluster only", () => {
      assert.deepEqual(load(), {
        stack: "platform",
        cluster: { kind: "simulated", lab: "dev" },
        charts: { mirror: undefined },
        gatewayApi: { install: true },
        mesh: {
          enabled: true,
          viz: true,
          smi: false,
          ha: false,
          cni: { enabled: false },
          identity: "own",
          trustManager: false,
          anchors: { trusted: [1], issuing: 1 },
          certificates: { trustAnchorDays: 3650, issuerDays: 365, webhookDays: 365 },
        },
        openfaas: {
          enabled: true,
          async: true,
          nats: "skip",
          gateway: { serviceType: "ClusterIP" },
          ingressOperator: false,
          functions: {},
        },
        ...others,
      });
    });

    it("of a function need the image only", () => {
      assert.deepEqual(load(withFunction({})).openfaas.functions, {
        figlet: {
          ...figlet,
          env: {},
          labels: {},
          annotations: {},
          scale: { min: 1, max: 5, factor: 20 },
          mesh: true,
        },
      });
    });

    it("of an existing cluster are KUBECONFIG, else kubectl's file", () => {
      const cluster = { kind: "existing" };
      const can = { loadBalancer: false, gatewayApi: false };
      assert.deepEqual(load({ cluster }).cluster, { kind: "existing", kubeconfig: "~/.kube/config", ...can });
      const { cluster: fromEnv } = load({ cluster }, { env: { KUBECONFIG: "/etc/k3s.yaml" } });
      assert.deepEqual(fromEnv, { kind: "existing", kubeconfig: "/etc/k3s.yaml", ...can });
    });

    it("of the charts are FAASMESH_CHARTS, unless the file names a mirror", () => {
      const env = { FAASMESH_CHARTS: "oci://charts.example.com/faasmesh" };
      assert.deepEqual(load({}, { env }).charts, { mirror: env.FAASMESH_CHARTS });
      assert.deepEqual(load({ charts: { mirror: "./charts" } }, { env }).charts, { mirror: "./charts" });
      assert.deepEqual(load({}, { env: { FAASMESH_CHARTS: "" } }).charts, { mirror: undefined });
    });

    it("are checked too, and the message reports where they come from", () => {
      assert.match(
        messageOf({}, {}, "My_Stack"),
        /faasmesh:cluster\.lab: got "My_Stack" \(the name of the stack\), expected at most 40/,
      );
      assert.match(
        messageOf({}, { env: { FAASMESH_CHARTS: "s3://bucket" } }),
        /faasmesh:charts\.mirror: got "s3:\/\/bucket" \(\$FAASMESH_CHARTS, else upstream\), expected a folder/,
      );
      assert.match(
        messageOf({ cluster: { kind: "existing" } }, { env: { KUBECONFIG: "a:b" } }),
        /faasmesh:cluster\.kubeconfig: got "a:b" \(\$KUBECONFIG, otherwise ~\/\.kube\/config\), expected the path of one/,
      );
    });
  });

  describe("right values", () => {
    it("are kept", () => {
      const full = {
        stack: "platform",
        cluster: {
          kind: "kind",
          lab: "a".repeat(40),
          name: "faasmesh",
          workers: 2,
          ingress: { http: 8080, https: 8443 },
        },
        charts: { mirror: "http://localhost:8080/charts" },
        replicas: 3,
        gatewayApi: { install: "auto" },
        mesh: {
          enabled: false,
          viz: false,
          clusterNetworks: ["34.118.224.0/20", "fd00::/8"],
          certificates: { trustAnchorDays: 10, issuerDays: 10, webhookDays: 20 },
          ha: true,
          cni: { enabled: true },
          smi: true,
          identity: "cert-manager",
          trustManager: true,
          anchors: { trusted: [1, 2], issuing: 2 },
        },
        openfaas: {
          enabled: false,
          async: false,
          nats: "opaque",
          gateway: { replicas: 2, serviceType: "NodePort" },
          ingressOperator: true,
          functions: {
            ["f".repeat(63)]: {
              image: `localhost:5000/example/echo:latest@sha256:${"0a".repeat(32)}`,
              process: "cat",
              env: { _a1: "" },
              labels: { "com.openfaas.scale.zero": "false", constructor: "", "example.com/Team": "a_b.c" },
              annotations: { "Example.com/Owner": "The blue team" },
              scale: { min: 5, max: 5, factor: 0 },
              mesh: false,
              limits: { cpu: "0.5", memory: "1e9" },
              requests: { cpu: "500m", memory: "128Mi" },
            },
          },
        },
        knative: {
          enabled: true,
          layer: "kourier",
          gateway: { replicas: 2, serviceType: "LoadBalancer" },
          domain: "apps.example.com",
          services: {},
          existingNamespaces: [],
        },
        ingress: {
          enabled: true,
          controller: "nginx",
          hosts: { knative: "*.default.apps.example.com" },
          others: {
            app: { hostname: "app.example.com", namespace: "apps", service: "app", port: 80, auth: "none" },
          },
          issuer: { kind: "self-signed" },
          exposure: "nodePort",
          nodePorts: { http: 30080, https: 30443 },
          replicas: 2,
          l5dDstOverride: true,
        },
        canaries: {},
      };
      assert.deepEqual(load(full), full);
    });

    it("may be 15 functions", () => {
      assert.equal(Object.keys(load(manyFunctions(15)).openfaas.functions).length, 15);
    });

    it("may be a number where Kubernetes takes a quantity", () => {
      assert.deepEqual(load(withFunction({ limits: { cpu: 1 } })).openfaas.functions["figlet"]?.limits, {
        cpu: "1",
      });
    });

    it("may stand beside keys of other namespaces", () => {
      assert.deepEqual(load({ "digitalocean:token": "t", "kubernetes:context": "{", "faas:x": "1" }), load());
    });

    it("create the examples of the schema", () => {
      const { shape } = platformSchema({ stack: "dev", env: {} });
      const examples = /```yaml\n([^]*?)```/.exec(configurationPage())?.[1] ?? "";
      const { config } = parse(examples) as { config: Values };
      assert.deepEqual(
        Object.keys(config),
        Object.keys(shape).map((key) => `faasmesh:${key}`),
      );
      assert.equal(load(config).openfaas.functions["echo"]?.scale.max, 3);
    });
  });

  describe("wrong values", () => {
    for (const [values, problem, example] of wrong) {
      it(problem.slice(0, 100), () => {
        const [header, first = "", ...rest] = messageOf(values).split("\n");
        assert.equal(header, "Pulumi.dev.yaml has 1 problem:");
        if (problem.startsWith("^")) assert.match(first.trim(), new RegExp(problem));
        else assert.equal(first, `  ${problem}`);
        assert.deepEqual(rest, [
          ...(example === undefined ? [] : [`    for example: ${example}`]),
          "All keys are described in docs/configuration.md.",
        ]);
      });
    }

    it("show all at once, sorted by key", () => {
      const message = messageOf(
        {
          stack: "x",
          mesh: { vis: true, certificates: { issuerDays: 0, unknown: 1 } },
          openfaas: {
            functions: {
              ...(manyFunctions(15).openfaas as { functions: Values }).functions,
              b: { image: "b", labels: { faas_function: "b", bad: 1 }, scale: { min: 2, max: 1, extra: 1 } },
            },
          },
          cluster: { kind: "simulated", lab: "-" },
        },
        {},
        "prod",
      );
      const [header, ...lines] = message.split("\n");
      assert.equal(header, "Pulumi.prod.yaml has 11 problems:");
      assert.deepEqual(
        lines.filter((line) => /^ {2}faasmesh:/.test(line)).map((line) => line.trim().split(": ")[0]),
        [
          "faasmesh:cluster.lab",
          "faasmesh:mesh.certificates.issuerDays",
          "faasmesh:mesh.certificates.unknown",
          "faasmesh:mesh.vis",
          "faasmesh:openfaas.functions",
          "faasmesh:openfaas.functions.b.image",
          "faasmesh:openfaas.functions.b.labels.bad",
          "faasmesh:openfaas.functions.b.labels.faas_function",
          "faasmesh:openfaas.functions.b.scale.extra",
          "faasmesh:openfaas.functions.b.scale.min",
          "faasmesh:stack",
        ],
      );
    });

    it("are shortened when long, and stay on one line", () => {
      const long = messageOf({ mesh: { enabled: "x\n".repeat(1000) } }).split("\n")[1] ?? "";
      assert.match(long, /^ {2}faasmesh:mesh\.enabled: got "x\\nx.{70,75}…, expected true or false$/);
      assert.match(messageOf({ mesh: { "a\nb": 1 } }), /faasmesh:mesh\["a\\nb"\]: got an unknown key/);
    });
  });

  describe("secrets", () => {
    const isSecret = (key: string) => key === "faasmesh:mesh";

    it("are rejected where nothing is confidential", () => {
      assert.equal(
        messageOf({ mesh: { viz: false } }, { isSecret }).split("\n")[1],
        "  faasmesh:mesh: got a secret value (not shown), expected a plain value, since no value under this key is confidential; set it without `secure:` or --secret",
      );
    });

    it("are never shown", () => {
      const values = [
        "s3cr3t",
        { enabled: "s3cr3t", clusterNetworks: ["s3cr3t"], certificates: { issuerDays: "s3cr3t" } },
        { certificates: { issuerDays: 31337, trustAnchorDays: 31336 } },
        { enabled: 31337, vis: "s3cr3t" },
      ];
      for (const mesh of values) {
        const message = messageOf({ mesh }, { isSecret });
        assert.match(message, /faasmesh:mesh.*got a secret value/);
        assert.doesNotMatch(message, /s3cr3t|3133/);
      }
    });

    it("are allowed where a part of the schema reports it", () => {
      const licence = z.string().meta({ secret: true }).optional();
      assert.equal(allowsSecret(z.strictObject({ pro: z.strictObject({ licence }).prefault({}) })), true);
      assert.equal(allowsSecret(z.strictObject({ name: z.string() })), false);
      assert.equal(allowsSecret(licence), true);
    });
  });

  describe("read through Pulumi", () => {
    before(async () => {
      const refuse = () => assert.fail("the config asks the engine for nothing");
      await pulumi.runtime.setMocks({ newResource: refuse, call: refuse }, "faasmesh", "staging");
    });
    after(() => pulumi.runtime.setAllConfig({}));

    const platformOf = (config: StackConfig) => {
      assert.ok(config.stack === "platform");
      return config.platform;
    };

    it("has the stack's name and values", () => {
      pulumi.runtime.setAllConfig(asPulumi({ openfaas: { async: false }, "kubernetes:context": "c" }));
      const { cluster, openfaas } = platformOf(loadConfig());
      assert.deepEqual([cluster, openfaas?.async], [{ kind: "simulated", lab: "staging" }, false]);
    });

    it("takes defaults from the environment", () => {
      const before = process.env["FAASMESH_CHARTS"];
      process.env["FAASMESH_CHARTS"] = "/srv/charts";
      try {
        pulumi.runtime.setAllConfig(asPulumi({}));
        assert.equal(platformOf(loadConfig()).mirror, "/srv/charts");
      } finally {
        if (before === undefined) delete process.env["FAASMESH_CHARTS"];
        else process.env["FAASMESH_CHARTS"] = before;
      }
    });

    it("reports secrets", () => {
      pulumi.runtime.setAllConfig(asPulumi({ mesh: { viz: "s3cr3t" } }), ["faasmesh:mesh"]);
      assert.throws(loadConfig, (error: unknown) => {
        assert.ok(error instanceof UserError);
        assert.match(
          error.message,
          /^Pulumi\.staging\.yaml has 2 problems:\n {2}faasmesh:mesh: got a secret value/,
        );
        assert.doesNotMatch(error.message, /s3cr3t/);
        return true;
      });
    });
  });

  describe("validators", () => {
    it("tell ranges", () => {
      for (const good of ["0.0.0.0/0", "10.1.2.3/32", "::/0", "fd00::1/128"]) assert.ok(isCidr(good), good);
      for (const bad of ["10.0.0.0", "10.0.0/8", "10.0.0.0/08", "fd00::/129", "/8", "a/8", "10.0.0.0/8/8"])
        assert.ok(!isCidr(bad), bad);
    });

    it("tell keys of labels and annotations", () => {
      for (const good of ["a", "A.b_c-D", "example.com/a", `${"a".repeat(63)}`])
        assert.ok(isLabelKey(good), good);
      for (const bad of ["", "/a", "a/", "-a", "a-", "x_y/a", "a".repeat(64), `${"a.".repeat(127)}a/b`])
        assert.ok(!isLabelKey(bad), bad);
      assert.ok(isAnnotationKey("Example.com/a") && !isLabelKey("Example.com/a"));
    });

    it("tell mirrors", () => {
      for (const good of ["charts", "/srv/charts", "http://h", "https://h/p", "oci://h/p"])
        assert.ok(isMirror(good), good);
      for (const bad of ["", "file:///srv", "oci://", "http:///p"]) assert.ok(!isMirror(bad), bad);
    });

    it("read quantities", () => {
      const good = {
        "1": 1,
        "0.5": 0.5,
        ".5": 0.5,
        "250m": 0.25,
        "1k": 1e3,
        "2Ki": 2048,
        "1Mi": 1048576,
        "1E": 1e18,
        "1e3": 1e3,
      };
      for (const [text, value] of Object.entries(good)) assert.equal(quantityValue(text), value, text);
      for (const bad of ["", ".", "m", "1 Gi", "1mi", "1K", "1MB", "-1", "1e", "0x1"])
        assert.equal(quantityValue(bad), undefined, bad);
    });
  });

  describe("docs/configuration.md", () => {
    it("is what the schema says; renew it with: npm run docs", () => {
      const page = readFileSync(join(__dirname, "../../docs/configuration.md"), "utf8");
      assert.equal(page, configurationPage());
    });

    it("explains every key, with its type and an example", () => {
      const keys = keysOf(platformSchema({ stack: "dev", env: {} }), "");
      assert.ok(keys.length > 30);
      for (const { name, schema } of keys) {
        const { description, expected, example } = metaOf(schema);
        assert.ok(description && expected && example !== undefined, name);
      }
    });
  });
});
