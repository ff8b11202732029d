import { strict as assert } from "node:assert";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { KnativeServingArgs, ServiceArgs } from "../../../components/knative-serving/args";
import { KnativeServing } from "../../../components/knative-serving/index";
import { type Declared, reusedName } from "../../../components/knative-serving/service";
import { knativeSchema } from "../../../config/schema/knative";
import { UserError } from "../../../errors";
import { onDifferentNodes } from "../../../kubernetes/availability";
import { projectRoot } from "../../../paths";
import { manifests } from "../../../versions";
import { assertChildrenAreNamed, at, charts, type Registry, run, valueOf } from "./mocks";

type Args = Partial<KnativeServingArgs>;

const image = "ghcr.io/knative/helloworld-go:latest";
const mesh = { revision: "r1" };
const knative = (args: Args = {}, name = "knative") =>
  run(() => new KnativeServing(name, { charts, ...args }));
const service = (one: Partial<ServiceArgs> = {}, args: Args = {}) =>
  knative({ ...args, services: { "helloworld-go": { image, ...one } } });

const core = [
  "ConfigMapPatch knative-config-domain",
  "ConfigMapPatch knative-config-network",
  "KnativeServing knative",
  "Namespace knative-knative-serving",
  "Release knative-base",
  "Release knative-core",
];
const ambassador = [
  ...core,
  "ClusterRole knative-emissary",
  "ClusterRoleBinding knative-emissary",
  "ConfigMapPatch knative-config-autoscaler",
  "Namespace knative-emissary",
  "Release knative-emissary",
  "Release knative-emissary-crds",
];
const kourier = [...core, "Namespace knative-kourier-system", "Release knative-kourier"];

describe("KnativeServing", () => {
  describe("creates", () => {
    const table: [string, Args, string[]][] = [
      ["Knative with Ambassador by default", {}, ambassador],
      ["Knative with Kourier, without a word on bursts", { layer: "kourier" }, kourier],
      [
        "a setting more where it is given",
        { layer: "kourier", targetBurstCapacity: 50, skipTagResolving: ["kind.local"] },
        [...kourier, "ConfigMapPatch knative-config-autoscaler", "ConfigMapPatch knative-config-deployment"],
      ],
      [
        "services, and namespaces that are not there yet, each once",
        {
          services: {
            one: { image },
            two: { image, namespace: "demo" },
            three: { image, namespace: "demo" },
            four: { image, namespace: "old" },
          },
          existingNamespaces: ["default", "old"],
        },
        [
          ...ambassador,
          "Namespace knative-demo",
          ...["one", "two", "three", "four"].map((id) => `Service knative-${id}`),
        ],
      ],
      ["nothing more for a meshed one", { mesh }, ambassador],
    ];
    for (const [title, args, expected] of table)
      it(title, async () => assert.deepEqual((await knative(args)).made.ids, [...expected].sort()));

    it("names that begin with its own", async () => {
      const { made } = await knative({ services: { one: { image, namespace: "demo" } } }, "other");
      assertChildrenAreNamed(made);
    });

    it("everything in an order in which nothing waits forever, and nothing outlives what removes it", async () => {
      const { made } = await service({ namespace: "demo" });
      const waits = (id: string, ...others: string[]) => {
        const { dependsOn } = made.get(id);
        assert.deepEqual(
          others.filter((other) => !dependsOn.includes(other)),
          [],
          `${id} waits for ${dependsOn.join()}`,
        );
      };
      waits("Release knative-core", "Release knative-base");
      waits("Release knative-emissary", "Release knative-core", "Release knative-emissary-crds");
      waits("Release knative-emissary", "ClusterRoleBinding knative-emissary");
      waits("ConfigMapPatch knative-config-domain", "Release knative-core");
      waits("Service knative-helloworld-go", "Release knative-emissary", "Namespace knative-demo");
      waits("Service knative-helloworld-go", "ConfigMapPatch knative-config-domain");
    });
  });

  describe("Knative's manifest", () => {
    it("comes in two parts, without what has another owner", async () => {
      const { made } = await knative();
      assert.deepEqual(made.input("Release knative-base", "values"), { part: "base" });
      assert.deepEqual(made.input("Release knative-core", "values"), {
        part: "rest",
        omit: ["Namespace/knative-serving", "Certificate/knative-serving/routing-serving-certs"],
        overlay: {},
      });
    });

    it("names objects that upstream has", async function () {
      const folder = (name: keyof typeof manifests) =>
        join(projectRoot, "..", "shared", "upstream", `${name}-${manifests[name].version}`, "objects.txt");
      if (!existsSync(folder("kourier"))) return this.skip();
      const { made } = await knative({
        layer: "kourier",
        mesh,
        gateway: { replicas: 2, serviceType: "NodePort" },
      });
      for (const [release, manifest] of [
        ["core", "knative-serving"],
        ["kourier", "kourier"],
      ] as const) {
        const objects = readFileSync(folder(manifest), "utf8")
          .split("\n")
          .map((line) => {
            const [, kind, name = ""] = line.split(/ {2,}/);
            return `${kind}/${name.replace("-/", "")}`;
          });
        const { omit, overlay } = made.input(`Release knative-${release}`, "values") as {
          omit: string[];
          overlay: object;
        };
        const named = [...omit, ...Object.keys(overlay)];
        assert.ok(named.length > 2);
        assert.deepEqual(
          named.filter((name) => !objects.includes(name)),
          [],
        );
      }
    });
  });

  describe("the layer", () => {
    it("Ambassador reads Knative's Ingresses, listens, and has no aggregated role", async () => {
      const { made, result } = await knative();
      assert.deepEqual(made.input("Release knative-emissary", "values"), {
        replicaCount: 1,
        deploymentStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
        lifecycle: { preStop: { sleep: { seconds: 10 } } },
        terminationGracePeriodSeconds: 60,
        service: { type: "ClusterIP" },
        env: { AMBASSADOR_KNATIVE_SUPPORT: "true" },
        rbac: { create: false },
        createDefaultListeners: true,
      });
      assert.equal(made.get("ClusterRole knative-emissary").inputs["aggregationRule"], undefined);
      assert.deepEqual(made.input("ClusterRoleBinding knative-emissary", "subjects.0"), {
        kind: "ServiceAccount",
        name: "emissary",
        namespace: "emissary",
      });
      assert.equal(await valueOf(result.gateway.namespace), "emissary");
      assert.equal(result.gateway.name, "emissary");
    });

    it("Ambassador with several pods has them on different nodes, and evicted one at a time", async () => {
      const { made } = await knative({ gateway: { replicas: 2 } });
      const values = made.input("Release knative-emissary", "values");
      assert.equal(at(values, "replicaCount"), 2);
      assert.deepEqual(at(values, "podDisruptionBudget"), { maxUnavailable: 1 });
      assert.deepEqual(
        at(values, "affinity"),
        onDifferentNodes({ "app.kubernetes.io/instance": "emissary" }),
      );
    });

    it("Kourier leaves its namespace to us, and its Service's type and replicas to the caller", async () => {
      const { made, result } = await knative({
        layer: "kourier",
        gateway: { replicas: 2, serviceType: "LoadBalancer" },
      });
      assert.deepEqual(made.input("Release knative-kourier", "values"), {
        omit: ["Namespace/kourier-system"],
        overlay: {
          "Service/kourier-system/kourier": { spec: { type: "LoadBalancer" } },
          "HorizontalPodAutoscaler/kourier-system/3scale-kourier-gateway": { spec: { minReplicas: 2 } },
          "PodDisruptionBudget/kourier-system/3scale-kourier-gateway-pdb": { spec: { minAvailable: "50%" } },
        },
      });
      assert.equal(await valueOf(result.gateway.namespace), "kourier-system");
      assert.equal(result.gateway.name, "kourier");
    });
  });

  describe("settings", () => {
    const ingressClass = (layer: string) => ({ "ingress-class": `${layer}.ingress.networking.knative.dev` });
    const table: [string, Args, string, unknown][] = [
      ["port forwarding's domain by default", {}, "domain", { "127.0.0.1.sslip.io": "" }],
      ["a domain of one's own", { domain: "apps.example.com" }, "domain", { "apps.example.com": "" }],
      ["an IPv4 address's domain", { address: "203.0.113.10" }, "domain", { "203.0.113.10.sslip.io": "" }],
      ["an IPv6 address's domain", { address: "2001:db8::1" }, "domain", { "2001-db8--1.sslip.io": "" }],
      ["Ambassador's class", {}, "network", ingressClass("ambassador")],
      ["Kourier's class", { layer: "kourier" }, "network", ingressClass("kourier")],
      ["no burst with Ambassador", {}, "autoscaler", { "target-burst-capacity": "0" }],
      ["a given burst", { targetBurstCapacity: -1 }, "autoscaler", { "target-burst-capacity": "-1" }],
      [
        "registries",
        { skipTagResolving: ["kind.local", "ghcr.io"] },
        "deployment",
        { "registries-skipping-tag-resolving": "kind.local,ghcr.io" },
      ],
      [
        "every registry, where there is no network",
        {
          resolveTags: false,
          services: {
            a: { image: "ghcr.io/knative/helloworld-go:latest" },
            b: { image: "example/echo:1" },
            c: { image: "localhost:5000/echo:1" },
            d: { image: "nginx:1" },
          },
        },
        "deployment",
        { "registries-skipping-tag-resolving": "ghcr.io,index.docker.io,localhost:5000" },
      ],
    ];
    for (const [title, args, config, expected] of table)
      it(title, async () => {
        const { made } = await knative(args);
        assert.deepEqual(made.input(`ConfigMapPatch knative-config-${config}`, "data"), expected);
      });
  });

  describe("services", () => {
    it("are Knative's, with every field that its webhook would fill in", async () => {
      const { made, result } = await service({ env: { TARGET: "World" }, namespace: "demo" });
      const { inputs } = made.get("Service knative-helloworld-go");
      assert.equal(inputs["apiVersion"], "serving.knative.dev/v1");
      assert.deepEqual(inputs["metadata"], {
        name: "helloworld-go",
        namespace: "demo",
        // An `up` waits for it.
        annotations: { "pulumi.com/waitFor": "condition=Ready" },
      });
      assert.deepEqual(inputs["spec"], {
        template: {
          metadata: {},
          spec: {
            containerConcurrency: 0,
            enableServiceLinks: false,
            timeoutSeconds: 300,
            containers: [
              {
                name: "user-container",
                image,
                env: [{ name: "TARGET", value: "World" }],
                readinessProbe: { successThreshold: 1, tcpSocket: { port: 0 } },
                resources: {},
              },
            ],
          },
        },
        traffic: [{ latestRevision: true, percent: 100 }],
      });
      assert.deepEqual(await valueOf(result.urls), {
        "helloworld-go": "http://helloworld-go.demo.127.0.0.1.sslip.io",
      });
    });

    it("name the newest revision, and share requests between revisions", async () => {
      const { made } = await service({
        revisions: ["v1", "v2"],
        traffic: [
          { revision: "v1", percent: 80 },
          { revision: "v2", percent: 20, tag: "candidate" },
          { revision: "latest", percent: 0 },
        ],
      });
      const spec = (path: string) => made.input("Service knative-helloworld-go", `spec.${path}`);
      assert.deepEqual(spec("template.metadata"), { name: "helloworld-go-v2" });
      assert.deepEqual(spec("traffic"), [
        { latestRevision: false, revisionName: "helloworld-go-v1", percent: 80 },
        { latestRevision: false, revisionName: "helloworld-go-v2", percent: 20, tag: "candidate" },
        { latestRevision: true, percent: 0 },
      ]);
    });

    it("scale as they are told", async () => {
      const { made } = await service({ scale: { min: 1, max: 3 }, annotations: { team: "blue" } });
      assert.deepEqual(annotations(made), {
        team: "blue",
        "autoscaling.knative.dev/min-scale": "1",
        "autoscaling.knative.dev/max-scale": "3",
      });
    });

    const template = (name: string | undefined, value: string) =>
      ({
        metadata: { name: "helloworld-go" },
        spec: { template: { metadata: { name }, spec: { value } }, traffic: [value] },
      }) as unknown as Declared;
    const renamed: [string, Declared, Declared, boolean][] = [
      ["may change without names", template(undefined, "a"), template(undefined, "b"), true],
      ["may change with another name", template("x-v1", "a"), template("x-v2", "b"), true],
      ["may stay under the same name", template("x-v1", "a"), template("x-v1", "a"), true],
      ["may not change under the same name", template("x-v1", "a"), template("x-v1", "b"), false],
    ];
    for (const [title, before, after, allowed] of renamed)
      it(title, () => assert.equal(reusedName(before, after) === undefined, allowed));

    it("are looked at before they change", async () => {
      const { made } = await service();
      assert.deepEqual(made.get("Service knative-helloworld-go").hooks, ["beforeUpdate"]);
    });
  });

  describe("the mesh", () => {
    const inject = { "linkerd.io/inject": "enabled" };
    const rolled = { ...inject, "faasmesh/mesh-revision": "r1" };
    const all = ["knative-serving", "emissary", "demo"];
    const services = {
      one: { image, namespace: "demo" },
      two: { image },
      three: { image, namespace: "demo", mesh: false },
    };
    const table: [string, Args, string[], object][] = [
      ["nothing without a mesh", {}, [], {}],
      ["everything with one", { mesh }, all, inject],
      ["nothing where none is named", { mesh, meshNamespaces: [] }, [], {}],
      ["Knative first", { mesh, meshNamespaces: ["knative-serving"] }, ["knative-serving"], {}],
      ["a namespace that is there by its services", { mesh, meshNamespaces: ["default"] }, [], inject],
    ];
    for (const [title, args, namespaces, two] of table)
      it(`takes in ${title}`, async () => {
        const { made } = await knative({ ...args, services });
        const of = (namespace: string) => made.get(`Namespace knative-${namespace}`).inputs["metadata"];
        // One that is left out says so.
        const leftOut = "mesh" in args ? { "linkerd.io/inject": "disabled" } : {};
        for (const namespace of all)
          assert.deepEqual(
            at(of(namespace), "annotations"),
            namespaces.includes(namespace) ? inject : leftOut,
            namespace,
          );
        assert.deepEqual(annotations(made, "one"), {});
        assert.deepEqual(annotations(made, "two"), two);
        assert.deepEqual(annotations(made, "three"), { "linkerd.io/inject": "disabled" });
        const overlay = made.input("Release knative-core", "values.overlay") as object;
        const pods = ["activator", "autoscaler", "controller", "webhook"].map((name) => [
          `Deployment/knative-serving/${name}`,
          { spec: { template: { metadata: { annotations: rolled } } } },
        ]);
        assert.deepEqual(overlay, namespaces.includes("knative-serving") ? Object.fromEntries(pods) : {});
        const podsOfEmissary = made.input("Release knative-emissary", "values.podAnnotations");
        assert.deepEqual(podsOfEmissary, namespaces.includes("emissary") ? rolled : undefined);
      });
  });
});

function annotations(made: Registry, id = "helloworld-go"): unknown {
  return made.input(`Service knative-${id}`, "spec.template.metadata.annotations") ?? {};
}

/** Wrong arguments: the component's message, and the path and message of the config's problem. */
const services = (one: Partial<ServiceArgs>): Args => ({ services: { "helloworld-go": { image, ...one } } });
const wrong: [string, Args, string[]][] = [
  [
    "shares that do not add up",
    services({
      revisions: ["v1"],
      traffic: [
        { revision: "v1", percent: 80 },
        { revision: "latest", percent: 10 },
      ],
    }),
    ["traffic: got 80 + 10 = 90, expected percents that add up to 100"],
  ],
  [
    "no shares",
    services({ traffic: [] }),
    ["traffic: got nothing = 0, expected percents that add up to 100"],
  ],
  [
    "an unknown revision",
    services({ revisions: ["v1"], traffic: [{ revision: "v0", percent: 100 }] }),
    ['traffic[0].revision: got "v0", expected one of: v1, latest'],
  ],
  [
    "a tag twice",
    services({
      traffic: [
        { revision: "latest", percent: 50, tag: "a" },
        { revision: "latest", percent: 50, tag: "a" },
      ],
    }),
    ['traffic[1].tag: got "a", expected a tag other than that of traffic[0]'],
  ],
  [
    "a revision twice",
    services({ revisions: ["v1", "v1"] }),
    ['revisions[1]: got "v1", expected each name once'],
  ],
  [
    "a revision called latest",
    services({ revisions: ["latest"] }),
    ['revisions[0]: got "latest", expected a name other than'],
  ],
  [
    "a revision's name",
    services({ revisions: ["V1"] }),
    ['revisions[0]: got "V1", expected lower-case letters'],
  ],
  [
    "a revision's length",
    services({ revisions: ["v".repeat(50)] }),
    ['at most 63 with the prefix "helloworld-go-"'],
  ],
  ["scales", services({ scale: { min: 3, max: 2 } }), ["scale.min: got 3, expected at most scale.max, 2"]],
  [
    "several at once",
    services({
      revisions: ["v1", "v1"],
      traffic: [{ revision: "v3", percent: 90 }],
      scale: { min: 3, max: 2 },
    }),
    ["scale.min", "revisions[1]", "traffic[0].revision", "traffic: got 90 = 90"],
  ],
];

describe("KnativeServing rejects", () => {
  const alone: [string, Args, string[]][] = [
    [
      "a domain beside an address",
      { domain: "a.example", address: "203.0.113.1" },
      ["domain: got both domain and address"],
    ],
    ["namespaces to mesh without a mesh", { meshNamespaces: ["knative-serving"] }, ["since mesh is not set"]],
    [
      "an unknown namespace to mesh",
      { mesh, meshNamespaces: ["kourier-system"] },
      ['meshNamespaces[0]: got "kourier-system", expected one of: knative-serving, emissary'],
    ],
    [
      "a share that is none",
      services({
        traffic: [
          { revision: "latest", percent: 100.5 },
          { revision: "latest", percent: -0.5 },
        ],
      }),
      ["traffic[0].percent: got 100.5", "traffic[1].percent: got -0.5"],
    ],
  ];
  for (const [title, args, parts] of [...wrong, ...alone])
    it(title, async () => {
      await assert.rejects(knative(args), (error) => {
        assert.ok(error instanceof UserError, String(error));
        assert.match(error.message, new RegExp(`^KnativeServing "knative" has ${parts.length} problems?:`));
        for (const part of parts)
          assert.ok(error.message.includes(part), `${part} is not in: ${error.message}`);
        return true;
      });
    });
});

describe("the key faasmesh:knative", () => {
  it("gives the component what it takes", () => {
    const { enabled, ...config } = knativeSchema.parse({ ...services({}), layer: "kourier" });
    assert.equal(enabled, false);
    const { services: made, ...rest } = config satisfies Args;
    assert.deepEqual(made["helloworld-go"], {
      image,
      env: {},
      annotations: {},
      scale: { min: 0, max: 0 },
      namespace: "default",
      revisions: [],
      visibility: "public",
      mesh: true,
    });
    assert.deepEqual(rest, {
      layer: "kourier",
      gateway: { serviceType: "ClusterIP" },
      existingNamespaces: ["default"],
    });
  });

  const issuesOf = (config: object) =>
    (knativeSchema.safeParse(config).error?.issues ?? []).map(
      ({ path, message }) => `${path.join(".")}: ${message.split("\n")[0]}`,
    );

  for (const [title, args, parts] of wrong)
    it(`rejects ${title}, as the component does`, () => assert.equal(issuesOf(args).length, parts.length));

  const table: [string, object, string[]][] = [
    [
      "a domain beside an address",
      { domain: "a.example", address: "203.0.113.1" },
      ["domain: either domain or address"],
    ],
    [
      "an unknown namespace to mesh, whatever else is wrong",
      { meshNamespaces: ["demo", "old"], services: { one: { image: "Not An Image", namespace: "demo" } } },
      ["services.one.image: ", "meshNamespaces.1: one of: knative-serving, emissary, demo"],
    ],
    ["another layer", { layer: "istio" }, ["layer: "]],
    [
      "a visibility that is none",
      { services: { one: { image, visibility: "private" } } },
      ["services.one.visibility: "],
    ],
    [
      "the layers' namespaces with Traefik, which has none",
      { layer: "traefik", meshNamespaces: ["emissary"] },
      ["meshNamespaces.0: one of: knative-serving"],
    ],
    ["an address that is none", { address: "localhost" }, ["address: "]],
    ["an unknown key", { services: { one: { image, port: 80 } } }, ["services.one: "]],
    [
      "percents that are none",
      services({ traffic: [{ revision: "latest", percent: 101 }] }),
      ["services.helloworld-go.traffic.0.percent: "],
    ],
    ["services that are none", { services: ["one"] }, ["services: "]],
  ];
  for (const [title, config, parts] of table)
    it(`rejects ${title}`, () => {
      const issues = issuesOf(config);
      assert.equal(issues.length, parts.length, issues.join("\n"));
      for (const part of parts)
        assert.ok(
          issues.some((issue) => issue.startsWith(part)),
          issues.join("\n"),
        );
    });

  for (const reference of [image, "ghcr.io/knative/helloworld-go", `gcr.io/a/b@sha256:${"0".repeat(64)}`])
    it(`takes the image ${reference.slice(0, 40)}`, () =>
      assert.deepEqual(issuesOf({ services: { one: { image: reference } } }), []));
});
