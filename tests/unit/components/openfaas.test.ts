import { strict as assert } from "node:assert";
import * as pulumi from "@pulumi/pulumi";
import { onDifferentNodes } from "../../../kubernetes/availability";
import { defaultOpaquePorts, revisionToleration } from "../../../kubernetes/mesh";
import { type FunctionArgs, OpenFaas, type OpenFaasArgs } from "../../../components/openfaas/index";
import * as versions from "../../../versions";
import {
  assertChildrenAreNamed,
  at,
  charts,
  generatedPassword,
  hidden,
  type Registry,
  run,
  valueOf,
} from "./mocks";

type Args = Partial<OpenFaasArgs>;

const openfaas = (args: Args = {}, name = "openfaas") => run(() => new OpenFaas(name, { charts, ...args }));
/** The mesh, as a component gets it. */
const mesh = { revision: "r1" };
const image = "ghcr.io/example/figlet:1.0.0";

/** The registered Deployment and Service of a function, and what a pod of it gets. */
async function deploy(fn: Partial<FunctionArgs>, args: Args = {}, id = "figlet") {
  const { made } = await openfaas({ ...args, functions: { [id]: { image, ...fn } } });
  const deployment = made.get(`Deployment openfaas-${id}`);
  const template = at(deployment.inputs, "spec.template");
  return {
    made,
    deployment,
    service: made.get(`Service openfaas-${id}`),
    pod: at(template, "metadata") as { labels: Record<string, string>; annotations: Record<string, string> },
    container: at(template, "spec.containers.0") as Record<string, unknown>,
    spec: at(template, "spec"),
  };
}

const core = [
  "DeploymentPatch openfaas-gateway-drain",
  "Namespace openfaas-openfaas",
  "Namespace openfaas-openfaas-fn",
  "OpenFaas openfaas",
  "RandomPassword openfaas-password",
  "Release openfaas-chart",
  "Secret openfaas-basic-auth",
];

describe("OpenFaas", () => {
  describe("creates", () => {
    const table: [string, Args, string[]][] = [
      ["the gateway without functions by default", {}, core],
      ["nothing more for a meshed one", { mesh, nats: "opaque" }, core],
      [
        "nothing more for a gateway with a load balancer",
        { gateway: { replicas: 1, serviceType: "LoadBalancer" }, async: false },
        core,
      ],
      [
        "a disruption budget for a gateway with several pods",
        { gateway: { replicas: 2 } },
        [...core, "PodDisruptionBudget openfaas-gateway"].sort(),
      ],
      ["no ingress operator unless asked for", { ingressOperator: false }, core],
      [
        "the definition of FunctionIngress for the ingress operator",
        { ingressOperator: true },
        [...core, "Release openfaas-ingress-operator-crds"],
      ],
      [
        "a Deployment and a Service for each function, and no Function object",
        { functions: { figlet: { image }, echo: { image, mesh: false } } },
        [
          ...core,
          "Deployment openfaas-echo",
          "Deployment openfaas-figlet",
          "Service openfaas-echo",
          "Service openfaas-figlet",
        ],
      ],
    ];
    for (const [title, args, expected] of table) {
      it(title, async () => assert.deepEqual((await openfaas(args)).made.ids, [...expected].sort()));
    }

    it("names that begin with its own", async () => {
      const { made } = await openfaas({ functions: { figlet: { image } } }, "other");
      assertChildrenAreNamed(made);
      assert.deepEqual(
        made.all.filter(({ name }) => !/^other(-|$)/.test(name)),
        [],
      );
    });
  });

  describe("namespaces", () => {
    const opaque = [...defaultOpaquePorts, "4222"].join(",");
    const skip = {
      "config.linkerd.io/skip-inbound-ports": "4222",
      "config.linkerd.io/skip-outbound-ports": "4222",
    };
    const inject = { "linkerd.io/inject": "enabled" };
    const table: [string, Args, object, object][] = [
      ["have nothing of Linkerd unless meshed", {}, {}, {}],
      ["have nothing of Linkerd unless meshed, whatever NATS's way", { nats: "opaque" }, {}, {}],
      ["leave NATS's port out of the mesh by default", { mesh }, { ...inject, ...skip }, inject],
      ["leave NATS's port out of the mesh", { mesh, nats: "skip" }, { ...inject, ...skip }, inject],
      [
        "take NATS's port as opaque, beside the default ones",
        { mesh, nats: "opaque" },
        { ...inject, "config.linkerd.io/opaque-ports": opaque },
        inject,
      ],
      ["do not speak of NATS where there is none", { mesh, async: false }, inject, inject],
      [
        "do not speak of NATS where there is none, whatever its way",
        { mesh, async: false, nats: "opaque" },
        inject,
        inject,
      ],
    ];
    for (const [title, args, onCore, onFunctions] of table) {
      it(title, async () => {
        const { made } = await openfaas(args);
        const annotations = (name: string) =>
          made.input(`Namespace openfaas-${name}`, "metadata.annotations") ?? {};
        assert.deepEqual(annotations("openfaas"), onCore);
        assert.deepEqual(annotations("openfaas-fn"), onFunctions);
      });
    }

    it("are upstream's", async () => {
      const { made } = await openfaas();
      assert.equal(made.input("Namespace openfaas-openfaas-fn", "metadata.name"), "openfaas-fn");
      assert.equal(made.input("Namespace openfaas-openfaas", "metadata.name"), "openfaas");
      assert.deepEqual(made.input("Namespace openfaas-openfaas", "metadata.labels"), {
        access: "openfaas-system",
        role: "openfaas-system",
      });
    });
  });

  it("lets pods of the gateway that are being deleted answer for a while", async () => {
    const { made } = await openfaas({ namespace: "faas" });
    const lifecycle = { preStop: { sleep: { seconds: 10 } } };
    const { metadata, spec } = made.get("DeploymentPatch openfaas-gateway-drain").inputs;
    assert.deepEqual(metadata, { name: "gateway", namespace: "faas" });
    assert.deepEqual(spec, {
      template: {
        spec: {
          containers: [
            { name: "gateway", lifecycle },
            { name: "faas-netes", lifecycle },
          ],
        },
      },
    });
  });

  it("lets a drain evict one pod of the gateway at a time", async () => {
    const { made } = await openfaas({ gateway: { replicas: 2 }, namespace: "faas" });
    assert.deepEqual(made.get("PodDisruptionBudget openfaas-gateway").inputs, {
      apiVersion: "policy/v1",
      kind: "PodDisruptionBudget",
      metadata: { name: "gateway", namespace: "faas" },
      spec: { maxUnavailable: 1, selector: { matchLabels: { app: "gateway" } } },
    });
  });

  describe("the chart", () => {
    const defaults = {
      functionNamespace: "openfaas-fn",
      generateBasicAuth: false,
      createCRDs: false,
      async: true,
      exposeServices: false,
      serviceType: "ClusterIP",
      gateway: { replicas: 1 },
    };
    const table: [string, Args, object][] = [
      ["by default", {}, defaults],
      [
        "meshed: the mesh's revision and NATS's way, which roll the pods",
        { mesh, nats: "opaque" },
        { ...defaults, tolerations: [revisionToleration("r1-opaque")] },
      ],
      ["without NATS", { async: false }, { ...defaults, async: false }],
      [
        "with replicas, on different nodes",
        { gateway: { replicas: 3 } },
        { ...defaults, gateway: { replicas: 3 }, affinity: onDifferentNodes({ app: "gateway" }) },
      ],
      ["with a ClusterIP", { gateway: { serviceType: "ClusterIP" } }, defaults],
      [
        "with a node's port",
        { gateway: { serviceType: "NodePort" } },
        { ...defaults, exposeServices: true, serviceType: "NodePort" },
      ],
      [
        "of Pro",
        { pro: { license: "a-licence", directFunctions: true } },
        { ...defaults, openfaasPro: true, gateway: { replicas: 1, directFunctions: true } },
      ],
      [
        "with the ingress operator, whose definition is not the chart's",
        { ingressOperator: true },
        { ...defaults, ingressOperator: { create: true } },
      ],
      [
        "with a load balancer",
        { gateway: { serviceType: "LoadBalancer" } },
        { ...defaults, exposeServices: true, serviceType: "LoadBalancer" },
      ],
    ];
    for (const [title, args, expected] of table) {
      it(`has these values ${title}`, async () => {
        assert.deepEqual((await openfaas(args)).made.input("Release openfaas-chart", "values"), expected);
      });
    }

    it("of Pro comes after its licence, which is secret", async () => {
      const { made } = await openfaas({ pro: { license: "a-licence" } });
      assert.ok(made.get("Release openfaas-chart").dependsOn.includes("Secret openfaas-license"));
      assert.deepEqual(made.input("Secret openfaas-license", "metadata"), {
        name: "openfaas-license",
        namespace: "openfaas",
      });
      assert.deepEqual(made.showing("a-licence"), []);
    });

    it("with the ingress operator comes after its definition, and so goes before it", async () => {
      const { made } = await openfaas({ ingressOperator: true });
      const crds = made.get("Release openfaas-ingress-operator-crds");
      const { version } = versions.manifests["ingress-operator-crds"];
      assert.equal(crds.inputs["chart"], `./.charts/ingress-operator-crds-${version}`);
      assert.deepEqual(
        [crds.inputs["name"], crds.inputs["namespace"]],
        ["ingress-operator-crds", "openfaas"],
      );
      assert.ok(made.get("Release openfaas-chart").dependsOn.includes(crds.id));
    });

    it("is the catalogue's, in its namespace, after its credentials", async () => {
      const { inputs, dependsOn } = (await openfaas()).made.get("Release openfaas-chart");
      const { version } = versions.charts.openfaas;
      assert.deepEqual([inputs["chart"], inputs["version"]], [`./.charts/openfaas-${version}`, version]);
      assert.equal(inputs["namespace"], "openfaas");
      for (const each of [
        "Secret openfaas-basic-auth",
        "Namespace openfaas-openfaas",
        "Namespace openfaas-openfaas-fn",
      ])
        assert.ok(dependsOn.includes(each), each);
    });
  });

  describe("credentials", () => {
    let made: Registry;
    let result: OpenFaas;
    before(async () => ({ made, result } = await openfaas({ functions: { figlet: { image } } })));

    it("are the Secret that the chart would create", () => {
      const { inputs } = made.get("Secret openfaas-basic-auth");
      assert.deepEqual(inputs["metadata"], { name: "basic-auth", namespace: "openfaas" });
      assert.deepEqual(inputs["stringData"], {
        "basic-auth-user": "admin",
        "basic-auth-password": generatedPassword,
      });
    });

    it("are generated, long, and without characters that a shell or URL changes", () => {
      assert.deepEqual(made.get("RandomPassword openfaas-password").inputs, { length: 24, special: false });
    });

    it("are secret wherever they are", async () => {
      assert.equal(await pulumi.isSecret(result.password), true);
      assert.equal(await valueOf(result.password), generatedPassword);
      assert.equal(made.get("Secret openfaas-basic-auth").visibleInputs["stringData"], hidden);
      assert.equal(made.get("OpenFaas openfaas").visibleOutputs?.["password"], hidden);
      assert.deepEqual(made.showing(generatedPassword), []);
      assert.doesNotMatch(
        JSON.stringify(made.get("Release openfaas-chart").inputs),
        new RegExp(generatedPassword),
      );
    });

    it("come with the user and the URL, which are no secrets", async () => {
      assert.equal(await valueOf(result.username), "admin");
      assert.equal(await pulumi.isSecret(result.username), false);
      assert.equal(await valueOf(result.gatewayUrl), "http://gateway.openfaas.svc.cluster.local:8080");
    });
  });

  describe("a function", () => {
    it("is a Deployment and a Service of its name in openfaas-fn, found by faas_function", async () => {
      const { deployment, service, pod, container } = await deploy({});
      for (const { inputs } of [deployment, service]) {
        assert.equal(at(inputs, "metadata.name"), "figlet");
        assert.equal(at(inputs, "metadata.namespace"), "openfaas-fn");
        assert.equal((at(inputs, "metadata.labels") as Record<string, string>)["faas_function"], "figlet");
      }
      assert.equal(pod.labels["faas_function"], "figlet");
      assert.deepEqual(at(deployment.inputs, "spec.selector"), { matchLabels: { faas_function: "figlet" } });
      assert.deepEqual(at(service.inputs, "spec"), {
        selector: { faas_function: "figlet" },
        ports: [{ name: "http", port: 8080, targetPort: 8080 }],
      });
      assert.deepEqual([container["name"], container["image"]], ["figlet", image]);
      assert.deepEqual(container["ports"], [{ name: "http", containerPort: 8080 }]);
    });

    const scales: [string, FunctionArgs["scale"], [string, string, string], number][] = [
      ["by default", undefined, ["1", "5", "20"], 1],
      ["with all three", { min: 2, max: 4, factor: 50 }, ["2", "4", "50"], 2],
      ["with a maximum", { max: 3 }, ["1", "3", "20"], 1],
      ["without autoscaling", { factor: 0 }, ["1", "5", "0"], 1],
    ];
    for (const [title, scale, [min, max, factor], replicas] of scales) {
      it(`scales ${title}; the gateway, which changes the replicas, is not undone`, async () => {
        const { deployment, pod } = await deploy({ scale });
        const labels = {
          faas_function: "figlet",
          "com.openfaas.scale.min": min,
          "com.openfaas.scale.max": max,
          "com.openfaas.scale.factor": factor,
        };
        assert.deepEqual(at(deployment.inputs, "metadata.labels"), labels);
        assert.deepEqual(pod.labels, labels);
        assert.equal(at(deployment.inputs, "spec.replicas"), replicas);
        assert.deepEqual(deployment.ignoreChanges, ["spec.replicas"]);
      });
    }

    it("has additional labels", async () => {
      const { deployment, pod } = await deploy({ labels: { team: "blue" } });
      for (const labels of [pod.labels, at(deployment.inputs, "metadata.labels") as Record<string, string>]) {
        assert.equal(labels["team"], "blue");
        assert.equal(labels["faas_function"], "figlet");
        assert.equal(labels["com.openfaas.scale.max"], "5");
      }
    });

    const revision = { "faasmesh/mesh-revision": "r1" };
    const meshes: [string, Partial<FunctionArgs>, object][] = [
      ["follows its namespace by default", {}, revision],
      [
        "follows its namespace",
        { mesh: true, annotations: { topic: "echo" } },
        { topic: "echo", ...revision },
      ],
      ["stays out of the mesh", { mesh: false }, { "linkerd.io/inject": "disabled" }],
      [
        "stays out of the mesh, whatever its annotations",
        { mesh: false, annotations: { topic: "echo", "linkerd.io/inject": "enabled" } },
        { topic: "echo", "linkerd.io/inject": "disabled" },
      ],
    ];
    for (const [title, fn, annotations] of meshes) {
      it(title, async () =>
        assert.deepEqual((await deploy(fn, { mesh })).pod.annotations ?? {}, annotations),
      );
    }

    for (const [progressive, ignored] of [
      [true, ["spec.selector"]],
      [undefined, []],
    ] as const) {
      it(`has a Service whose pods are ${progressive ? "Flagger's to choose" : "its own"}`, async () => {
        const { service } = await deploy({ ...(progressive && { progressive }) });
        assert.deepEqual(service.ignoreChanges, ignored);
        assert.deepEqual(at(service.inputs, "spec.selector"), { faas_function: "figlet" });
      });
    }

    it("out of the mesh does not take the others with it", async () => {
      const { made } = await openfaas({
        mesh,
        functions: { echo: { image, mesh: false }, figlet: { image } },
      });
      const annotations = (id: string) =>
        made.input(`Deployment openfaas-${id}`, "spec.template.metadata.annotations");
      assert.deepEqual(annotations("echo"), { "linkerd.io/inject": "disabled" });
      assert.deepEqual(annotations("figlet"), revision);
    });

    const environments: [string, Partial<FunctionArgs>, object[]][] = [
      ["no variables by default", {}, []],
      [
        "its process as fprocess",
        { process: "figlet -f slant" },
        [{ name: "fprocess", value: "figlet -f slant" }],
      ],
      [
        "its process and variables",
        { process: "cat", env: { write_debug: "true", EMPTY: "" } },
        [
          { name: "fprocess", value: "cat" },
          { name: "write_debug", value: "true" },
          { name: "EMPTY", value: "" },
        ],
      ],
    ];
    for (const [title, fn, env] of environments) {
      it(`gets ${title}`, async () => assert.deepEqual((await deploy(fn)).container["env"], env));
    }

    it("gets the resources that are requested, and else none", async () => {
      const resources = { requests: { cpu: "50m" }, limits: { memory: "64Mi" } };
      assert.deepEqual((await deploy(resources)).container["resources"], resources);
      assert.deepEqual((await deploy({})).container["resources"] ?? {}, {});
    });

    it("runs with the least rights", async () => {
      const { container, spec } = await deploy({});
      assert.equal(at(spec, "automountServiceAccountToken"), false);
      assert.deepEqual(at(spec, "securityContext"), { seccompProfile: { type: "RuntimeDefault" } });
      assert.deepEqual(container["securityContext"], {
        allowPrivilegeEscalation: false,
        capabilities: { drop: ["ALL"] },
      });
    });

    it("is awaited once: its Service is not", async () => {
      const { service, deployment } = await deploy({});
      assert.deepEqual(at(service.inputs, "metadata.annotations"), { "pulumi.com/skipAwait": "true" });
      assert.equal(at(deployment.inputs, "metadata.annotations"), undefined);
    });
  });
});

describe("OpenFaas rejects", () => {
  const figlet = (fn: Partial<FunctionArgs>): Args => ({ functions: { figlet: { image, ...fn } } });
  const table: [string, Args, string][] = [
    [
      "a name that is not one of a Service",
      { functions: { "Bad Name": { image } } },
      'functions["Bad Name"]: got "Bad Name"',
    ],
    ["an image without a tag", figlet({ image: "figlet" }), 'functions.figlet.image: got "figlet"'],
    [
      "a minimum above the maximum",
      figlet({ scale: { min: 3, max: 2 } }),
      "functions.figlet.scale.min: got 3",
    ],
    ["no replicas", figlet({ scale: { min: 0 } }), "functions.figlet.scale.min: got 0"],
    ["a step above 100 %", figlet({ scale: { factor: 101 } }), "functions.figlet.scale.factor: got 101"],
    [
      "a label that it sets",
      figlet({ labels: { faas_function: "x" } }),
      'functions.figlet.labels["faas_function"]: got "x"',
    ],
    [
      "a quantity that is none",
      figlet({ limits: { memory: "lots" } }),
      'functions.figlet.limits.memory: got "lots"',
    ],
    [
      "requests above the limit",
      figlet({ requests: { cpu: "2" }, limits: { cpu: "1" } }),
      'functions.figlet.requests.cpu: got "2"',
    ],
    [
      "more replicas than Community Edition allows",
      figlet({ scale: { max: 9 } }),
      "functions.figlet.scale.max: got 9",
    ],
    [
      "one namespace for both",
      { namespace: "x", functionNamespace: "x" },
      'functionNamespace: got "x", the same as',
    ],
    ["a namespace that is no DNS label", { namespace: "Open_FaaS" }, 'namespace: got "Open_FaaS"'],
    ["a gateway without replicas", { gateway: { replicas: 0 } }, "gateway.replicas: got 0"],
    [
      "more functions than Community Edition allows",
      { functions: Object.fromEntries(Array.from({ length: 16 }, (_, index) => [`f${index}`, { image }])) },
      "functions: got 16 functions, expected at most 15",
    ],
  ];
  for (const [title, args, problem] of table) {
    it(title, async () => {
      await assert.rejects(openfaas(args), (error: Error) => {
        assert.match(error.message, /^OpenFaas "openfaas" has 1 problem:/);
        assert.ok(error.message.includes(`  ${problem}`), error.message);
        return true;
      });
    });
  }

  it("all problems together", async () => {
    await assert.rejects(
      openfaas({ ...figlet({ image: "figlet", scale: { factor: -1 } }), namespace: "A" }),
      /has 3 problems:/,
    );
  });

  it("nothing of Community Edition's limits with a licence", async () => {
    await assert.doesNotReject(
      openfaas({ pro: { license: "a-licence" }, ...figlet({ scale: { min: 6, max: 9 } }) }),
    );
  });
});
