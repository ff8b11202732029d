import { strict as assert } from "node:assert";
import { CanarySplit, type CanarySplitArgs } from "../../../components/canary-split/index";
import { thousandths } from "../../../components/canary-split/weights";
import { UserError } from "../../../errors";
import { assertChildrenAreNamed, at, run, valueOf } from "./mocks";

const gateway = {
  name: "traefik",
  namespace: "ingress",
  sectionName: "websecure",
  host: "gateway.example.com",
};
const guide = [
  { service: "echo-green", weight: "900m" },
  { service: "echo-blue", weight: "100m" },
];
const base: CanarySplitArgs = {
  root: "echo",
  backends: guide,
  known: ["echo", "echo-green", "echo-blue"],
  gateway,
};
const split = (args: Partial<CanarySplitArgs> = {}) =>
  run(() => new CanarySplit("canary", { ...base, ...args }));
const mesh = { mode: "mesh", clients: "service" } as const;
const smi = { mode: "smi", clients: "service" } as const;

const rewritten = (service: string, weight: number) => ({
  name: "gateway",
  port: 8080,
  weight,
  filters: [
    {
      type: "URLRewrite",
      urlRewrite: { path: { type: "ReplacePrefixMatch", replacePrefixMatch: `/function/${service}` } },
    },
  ],
});

describe("CanarySplit", () => {
  const kinds: [string, Partial<CanarySplitArgs>, string, string[]][] = [
    ["one object at the edge by default", {}, "HTTPRoute", []],
    ["one object in the mesh", mesh, "HTTPRoute", []],
    [
      "the guide's object and what it has effect by, by SMI",
      smi,
      "TrafficSplit",
      ["ServiceProfile canary-profile"],
    ],
  ];
  for (const [title, args, kind, others] of kinds) {
    it(`is ${title}`, async () => {
      const { made, result } = await split(args);
      assert.deepEqual(made.ids, ["CanarySplit canary", `${kind} canary-split`, ...others].sort());
      assertChildrenAreNamed(made);
      assert.equal(await valueOf(result.object), `${kind.toLowerCase()}/canary-echo`);
      assert.deepEqual(result.shares, { "echo-green": 90, "echo-blue": 10 });
    });
  }

  it("rewrites the path at the edge, to OpenFaaS's gateway in each case", async () => {
    const { inputs } = (await split()).made.get("HTTPRoute canary-split");
    assert.equal(inputs["apiVersion"], "gateway.networking.k8s.io/v1");
    assert.deepEqual(inputs["metadata"], { name: "canary-echo", namespace: "openfaas" });
    assert.deepEqual(inputs["spec"], {
      parentRefs: [{ name: "traefik", namespace: "ingress", sectionName: "websecure" }],
      hostnames: ["gateway.example.com"],
      rules: [
        {
          matches: [{ path: { type: "PathPrefix", value: "/function/echo" } }],
          backendRefs: [rewritten("echo-green", 900), rewritten("echo-blue", 100)],
        },
      ],
    });
  });

  it("leaves out what the Gateway decides", async () => {
    const { made } = await split({ gateway: { name: "traefik", namespace: "ingress" } });
    assert.deepEqual(made.input("HTTPRoute canary-split", "spec.parentRefs"), [
      { name: "traefik", namespace: "ingress" },
    ]);
    assert.equal(made.input("HTTPRoute canary-split", "spec.hostnames"), undefined);
  });

  it("names group and port of the Service in the mesh, which Linkerd wants", async () => {
    const { inputs } = (await split(mesh)).made.get("HTTPRoute canary-split");
    assert.deepEqual(inputs["metadata"], { name: "canary-echo", namespace: "openfaas-fn" });
    assert.deepEqual(inputs["spec"], {
      parentRefs: [{ group: "core", kind: "Service", name: "echo", port: 8080 }],
      rules: [
        {
          backendRefs: [
            { name: "echo-green", port: 8080, weight: 900 },
            { name: "echo-blue", port: 8080, weight: 100 },
          ],
        },
      ],
    });
  });

  it("is the guide's TrafficSplit by SMI", async () => {
    const { inputs } = (await split(smi)).made.get("TrafficSplit canary-split");
    assert.equal(inputs["apiVersion"], "split.smi-spec.io/v1alpha1");
    assert.deepEqual(inputs["metadata"], { name: "canary-echo", namespace: "openfaas-fn" });
    assert.deepEqual(inputs["spec"], { service: "echo", backends: guide });
  });

  it("creates the ServiceProfile as the SMI adaptor would, and deletes it after the TrafficSplit", async () => {
    const { made } = await split({ ...smi, functionNamespace: "functions" });
    const { inputs } = made.get("ServiceProfile canary-profile");
    assert.equal(inputs["apiVersion"], "linkerd.io/v1alpha2");
    assert.equal(at(inputs, "metadata.name"), "echo.functions.svc.cluster.local");
    assert.equal(at(inputs, "metadata.namespace"), "functions");
    assert.deepEqual(inputs["spec"], {
      dstOverrides: [
        { authority: "echo-green.functions.svc.cluster.local", weight: "900m" },
        { authority: "echo-blue.functions.svc.cluster.local", weight: "100m" },
      ],
    });
    assert.ok(made.get("TrafficSplit canary-split").dependsOn.includes("ServiceProfile canary-profile"));
  });

  it("writes the ServiceProfile's weights in the canonical form of Kubernetes, as the adaptor does", async () => {
    const backends = [
      { service: "echo-green", weight: "1000m" },
      { service: "echo-blue", weight: "0" },
    ];
    const { made } = await split({ ...smi, backends });
    const overrides = made.input("ServiceProfile canary-profile", "spec.dstOverrides") as {
      weight: string;
    }[];
    assert.deepEqual(
      overrides.map(({ weight }) => weight),
      ["1", "0"],
    );
  });

  it("is the same in every form of weights, so that another form changes nothing", async () => {
    const specs = await Promise.resolve(["900m 100m", "90% 10%", "90 10"]).then(async (forms) => {
      const found: unknown[] = [];
      for (const form of forms) {
        const [green = "", blue = ""] = form.split(" ");
        const weight = (text: string) => (/^\d+$/.test(text) ? Number(text) : text);
        const backends = [
          { service: "echo-green", weight: weight(green) },
          { service: "echo-blue", weight: weight(blue) },
        ];
        found.push((await split({ backends })).made.input("HTTPRoute canary-split", "spec"));
      }
      return found;
    });
    assert.deepEqual(specs[1], specs[0]);
    assert.deepEqual(specs[2], specs[0]);
  });

  describe("with progressive", () => {
    const metrics = (interval: string, min: number, max: number) => [
      {
        name: "success-rate",
        interval,
        templateRef: { name: "success-rate", namespace: "flagger-system" },
        thresholdRange: { min },
      },
      {
        name: "latency",
        interval,
        templateRef: { name: "latency", namespace: "flagger-system" },
        thresholdRange: { max },
      },
    ];
    const analyses: [string, CanarySplitArgs["progressive"], object][] = [
      [
        "by default",
        {},
        { interval: "1m", threshold: 5, stepWeight: 10, maxWeight: 50, metrics: metrics("1m", 99, 500) },
      ],
      [
        "with all of it",
        {
          ...{ stepWeight: 5, maxWeight: 100, interval: "30s", threshold: 2 },
          metrics: { successRate: 99.9, latency: 250 },
        },
        { interval: "30s", threshold: 2, stepWeight: 5, maxWeight: 100, metrics: metrics("30s", 99.9, 250) },
      ],
    ];
    for (const [title, progressive, analysis] of analyses) {
      it(`is Flagger's Canary of the function ${title}, and no route of ours`, async () => {
        const { made, result } = await split({ ...mesh, backends: undefined, progressive });
        assert.deepEqual(made.ids, ["Canary canary-split", "CanarySplit canary"]);
        const { inputs } = made.get("Canary canary-split");
        assert.equal(inputs["apiVersion"], "flagger.app/v1beta1");
        assert.deepEqual(inputs["metadata"], { name: "canary-echo", namespace: "openfaas-fn" });
        assert.deepEqual(inputs["spec"], {
          targetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "echo" },
          revertOnDeletion: true,
          service: {
            ...{ port: 8080, targetPort: 8080, portName: "http" },
            gatewayRefs: [
              { group: "core", kind: "Service", name: "echo", namespace: "openfaas-fn", port: 8080 },
            ],
          },
          analysis,
        });
        assert.equal(await valueOf(result.object), "canary/canary-echo");
        assert.deepEqual(result.shares, {});
      });
    }

    it("uses the metrics of Flagger in another namespace", async () => {
      const args = { ...mesh, backends: undefined, progressive: {}, flaggerNamespace: "flagger" };
      const { made } = await split(args);
      const { analysis } = made.get("Canary canary-split").inputs["spec"] as {
        analysis: { metrics: { templateRef: { namespace: string } }[] };
      };
      assert.deepEqual(
        analysis.metrics.map(({ templateRef }) => templateRef.namespace),
        ["flagger", "flagger"],
      );
    });

    it("takes the gateway's own calls where it calls Services (Pro)", async () => {
      const args = { backends: undefined, progressive: {}, mode: "mesh", directFunctions: true } as const;
      await assert.doesNotReject(split(args));
    });
  });

  it("lets the root keep a share", async () => {
    const backends = [
      { service: "echo", weight: "99.5%" },
      { service: "echo-blue", weight: "5m" },
    ];
    assert.deepEqual((await split({ ...mesh, backends })).result.shares, { echo: 99.5, "echo-blue": 0.5 });
  });

  it("splits the gateway's own calls in the mesh where it calls Services (Pro)", async () => {
    await assert.doesNotReject(split({ mode: "mesh", clients: "gateway", directFunctions: true }));
  });

  describe("rejects", () => {
    const one = (service: string, weight: string | number) => ({ service, weight });
    const table: [string, Partial<CanarySplitArgs>, string[]][] = [
      [
        "a root that is not there",
        { known: ["echo-green", "echo-blue"] },
        ['root: got "echo", expected one of the declared functions: echo-blue, echo-green;'],
      ],
      [
        "a backend that is not there",
        { backends: [one("echo-red", "1000m")] },
        [
          'backends[0].service: got "echo-red", expected one of the declared functions: echo, echo-blue, echo-green;',
        ],
      ],
      [
        "no backends",
        { backends: [] },
        [
          "backends: got none, expected at least one; list the functions that receive calls, or remove the split",
        ],
      ],
      [
        "too much",
        { backends: [one("echo-green", "900m"), one("echo-blue", "200m")] },
        ["backends: got weights that add up to 1100m (110 %), expected 1000m (100 %); remove 100m (10 %)"],
      ],
      [
        "too little",
        { backends: [one("echo-green", "90%"), one("echo-blue", 5)] },
        [
          "backends: got weights that add up to 950m (95 %), expected 1000m (100 %); add the missing 50m (5 %)",
        ],
      ],
      ...["-1m", "900M", "1001m", "0.05%", "half", "", 101, -1].map(
        (weight): [string, Partial<CanarySplitArgs>, string[]] => [
          `the weight ${JSON.stringify(weight)}`,
          { backends: [one("echo-green", weight)] },
          [`backends[0].weight: got ${JSON.stringify(weight)}, expected a weight from 0m to 1000m`],
        ],
      ),
      [
        "a backend said twice",
        { backends: [one("echo-green", "500m"), one("echo-green", "500m")] },
        ['backends[1].service: got "echo-green", the same as backends[0], expected each function once'],
      ],
      [
        "the root said twice",
        { backends: [one("echo", "500m"), one("echo", "500m")] },
        ['backends[1].service: got "echo", the same as backends[0]'],
      ],
      [
        "the edge without a Gateway",
        { gateway: undefined },
        ["gateway: got nothing, expected the Gateway that mode edge attaches to"],
      ],
      [
        "the edge for clients that do not pass it",
        { clients: "service" },
        [
          "mode: got edge, with clients: service, expected mesh, since calls to a Service do not go through the Gateway",
        ],
      ],
      ...(["mesh", "smi"] as const).map((mode): [string, Partial<CanarySplitArgs>, string[]] => [
        `${mode} for calls through the gateway of OpenFaaS CE, unless told that there are others`,
        { mode },
        [
          `mode: got ${mode}, with clients: gateway, expected edge, since the gateway of OpenFaaS CE calls /function/… at a pod's address`,
        ],
      ]),
      [
        "progressive at the edge, and says which mode works",
        { backends: undefined, progressive: {} },
        [
          "has 2 problems:",
          "mode: got edge, with progressive, expected mesh, since Flagger changes the HTTPRoute of a Service; at the edge all calls go to OpenFaaS's gateway, which calls a pod's address in CE; use mode mesh with clients: service",
          "clients: got gateway, with progressive, expected service",
        ],
      ],
      [
        "progressive by SMI",
        { ...smi, backends: undefined, progressive: {} },
        ["has 1 problem:", "mode: got smi, with progressive, expected mesh"],
      ],
      [
        "progressive for calls through the gateway of OpenFaaS CE",
        { mode: "mesh", backends: undefined, progressive: {} },
        [
          "has 1 problem:",
          "clients: got gateway, with progressive, expected service, since the mesh does not split calls",
        ],
      ],
      [
        "progressive beside fixed weights",
        { ...mesh, progressive: {} },
        ["has 1 problem:", "backends: got functions with weights, with progressive, expected none"],
      ],
      [
        "progressive of a function that is not there",
        { ...mesh, root: "ehco", backends: undefined, progressive: {} },
        ["has 1 problem:", 'root: got "ehco", expected one of the declared functions'],
      ],
      [
        "numbers that Flagger does not take, all at once",
        {
          ...mesh,
          backends: undefined,
          progressive: {
            ...{ stepWeight: 60, maxWeight: 50, interval: "1h", threshold: 0 },
            metrics: { successRate: 101, latency: 0 },
          },
        },
        [
          "has 5 problems:",
          "progressive.stepWeight: got 60, expected at most maxWeight, 50",
          'progressive.interval: got "1h", expected minutes or seconds',
          "progressive.threshold: got 0, expected a whole number of at least 1",
          "progressive.metrics.successRate: got 101, expected a number from 0 to 100",
          "progressive.metrics.latency: got 0, expected a number above 0",
        ],
      ],
      [
        "shares that there are not",
        { ...mesh, backends: undefined, progressive: { stepWeight: 0, maxWeight: 101 } },
        ["has 2 problems:", "progressive.stepWeight: got 0", "progressive.maxWeight: got 101"],
      ],
      [
        "neither weights nor progressive",
        { backends: undefined },
        ["backends: got none, expected at least one"],
      ],
      [
        "everything at once",
        { mode: "smi", root: "ehco", backends: [one("echo-red", "1%"), one("echo-red", "1%")] },
        [
          'CanarySplit "canary" has 6 problems:',
          'root: got "ehco"',
          "backends[0].service",
          "backends[1].service",
          "backends: got weights that add up to 20m (2 %)",
          "mode: got smi",
        ],
      ],
    ];
    for (const [title, args, messages] of table) {
      it(title, async () => {
        await assert.rejects(split(args), (error: unknown) => {
          assert.ok(error instanceof UserError);
          for (const message of messages) assert.ok(error.message.includes(message), error.message);
          return true;
        });
      });
    }
  });

  const weights: [string | number, number | undefined][] = [
    ["0m", 0],
    ["1m", 1],
    ["1000m", 1000],
    ["0.1%", 1],
    ["33.3%", 333],
    [33.3, 333],
    ["100%", 1000],
    [100, 1000],
    ["900.5m", undefined],
    ["90 %", undefined],
    [Number.NaN, undefined],
  ];
  for (const [weight, expected] of weights) {
    it(`takes the weight ${JSON.stringify(weight)} for ${expected ?? "none"}`, () =>
      assert.equal(thousandths(weight), expected));
  }
});
