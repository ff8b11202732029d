import { strict as assert } from "node:assert";
import type * as pulumi from "@pulumi/pulumi";
import { CertManager } from "../../../components/cert-manager/index";
import { Flagger } from "../../../components/flagger/index";
import { GatewayApi } from "../../../components/gateway-api/index";
import { InletsOperator } from "../../../components/inlets-operator/index";
import { KnativeServing } from "../../../components/knative-serving/index";
import { OpenFaas } from "../../../components/openfaas/index";
import { at, charts, type Registry, run, valueOf } from "./mocks";

// Of the mesh, of viz and of the ingress: their own tests.

/** The namespace of each resource that has one, by id; of a Namespace its name. */
function namespacesOf(made: Registry): Record<string, unknown> {
  const entries = made.all.map(({ id, inputs }) => {
    if (id.startsWith("Namespace ")) return [id, at(inputs, "metadata.name")] as const;
    return [id, inputs["namespace"] ?? at(inputs, "metadata.namespace")] as const;
  });
  return Object.fromEntries(entries.filter(([, namespace]) => namespace !== undefined));
}

interface Case {
  component: string;
  /** The arguments that name namespaces, with the default of each and another name. */
  names: Record<string, [byDefault: string, named: string]>;
  create: (args: Record<string, string>) => pulumi.Resource;
  /** The ids of what is in a namespace, by the argument that names it. */
  inside: Record<string, string[]>;
  /** What is in a namespace of a name that is fixed. */
  fixed?: Record<string, string>;
}

const figlet = { image: "ghcr.io/example/figlet:1.0.0" };
const fixedKnative = {
  "Namespace x-knative-serving": "knative-serving",
  "Release x-base": "knative-serving",
  "Release x-core": "knative-serving",
  "ConfigMapPatch x-config-domain": "knative-serving",
  "ConfigMapPatch x-config-network": "knative-serving",
};

const cases: Case[] = [
  {
    component: "CertManager",
    names: { namespace: ["cert-manager", "certificates"] },
    create: (args) => new CertManager("x", { charts, ...args }),
    inside: { namespace: ["Namespace x-namespace", "Release x-chart"] },
  },
  {
    component: "GatewayApi",
    names: { namespace: ["gateway-api", "definitions"] },
    create: (args) => new GatewayApi("x", { charts, ...args }),
    inside: { namespace: ["Namespace x-namespace", "Release x-crds"] },
  },
  {
    component: "Flagger",
    names: { namespace: ["flagger-system", "delivery"] },
    create: (args) => new Flagger("x", { charts, mesh: { revision: "r1" }, ...args }),
    inside: {
      namespace: [
        ...["Namespace x-namespace", "Release x-chart", "Release x-crds"],
        ...["MetricTemplate x-latency", "MetricTemplate x-success-rate"],
      ],
    },
  },
  {
    component: "InletsOperator",
    names: { namespace: ["inlets", "tunnels"] },
    create: (args) =>
      new InletsOperator("x", {
        ...{ charts, token: "t", license: "l", provider: "ec2", region: "eu-west-1", secretKey: "s" },
        ...args,
      }),
    inside: {
      namespace: [
        ...["Namespace x-namespace", "Release x-operator", "Release x-crds"],
        ...["Secret x-license", "Secret x-access-key", "Secret x-secret-key"],
      ],
    },
  },
  {
    component: "OpenFaas",
    names: { namespace: ["openfaas", "faas"], functionNamespace: ["openfaas-fn", "functions"] },
    create: (args) =>
      new OpenFaas("x", {
        ...{ charts, functions: { figlet }, pro: { license: "l" }, ingressOperator: true },
        ...args,
      }),
    inside: {
      namespace: [
        ...["Namespace x-openfaas", "Release x-chart", "Release x-ingress-operator-crds"],
        ...["Secret x-basic-auth", "Secret x-license", "DeploymentPatch x-gateway-drain"],
      ],
      functionNamespace: ["Namespace x-openfaas-fn", "Deployment x-figlet", "Service x-figlet"],
    },
  },
  {
    component: "KnativeServing",
    names: { layerNamespace: ["emissary", "edge"] },
    create: (args) => new KnativeServing("x", { charts, ...args }),
    inside: { layerNamespace: ["Namespace x-emissary", "Release x-emissary", "Release x-emissary-crds"] },
    fixed: { ...fixedKnative, "ConfigMapPatch x-config-autoscaler": "knative-serving" },
  },
];

describe("the namespaces of a component", () => {
  for (const { component, names, create, inside, fixed = {} } of cases) {
    const expected = (which: 0 | 1) => ({
      ...fixed,
      ...Object.fromEntries(
        Object.entries(inside).flatMap(([argument, ids]) => ids.map((id) => [id, names[argument]?.[which]])),
      ),
    });

    it(`are those of the guides unless named: ${component}`, async () =>
      assert.deepEqual(namespacesOf((await run(() => create({}))).made), expected(0)));

    it(`are those that are named: ${component}`, async () => {
      const args = Object.fromEntries(
        Object.entries(names).map(([argument, [, named]]) => [argument, named]),
      );
      assert.deepEqual(namespacesOf((await run(() => create(args))).made), expected(1));
    });
  }

  it("are reported to what looks for them: OpenFaaS's chart and callers", async () => {
    const args = { charts, namespace: "faas", functionNamespace: "functions" };
    const { made, result } = await run(() => new OpenFaas("x", args));
    assert.equal(made.input("Release x-chart", "values.functionNamespace"), "functions");
    assert.equal(await valueOf(result.gatewayUrl), "http://gateway.faas.svc.cluster.local:8080");
  });

  it("are reported to what looks for them: Emissary's rights and Knative's callers", async () => {
    const mesh = { revision: "r1" };
    const args = { charts, mesh, layerNamespace: "edge", meshNamespaces: ["edge"] };
    const { made, result } = await run(() => new KnativeServing("x", args));
    assert.equal(made.input("ClusterRoleBinding x-emissary", "subjects.0.namespace"), "edge");
    assert.equal(await valueOf(result.gateway.namespace), "edge");
    const inject = { "linkerd.io/inject": "enabled" };
    assert.deepEqual(made.input("Namespace x-emissary", "metadata.annotations"), inject);
    assert.deepEqual(made.input("Release x-emissary", "values.podAnnotations"), {
      ...inject,
      "faasmesh/mesh-revision": "r1",
    });
  });

  it("are reported to what looks for them: cert-manager's leases", async () => {
    const { made, result } = await run(() => new CertManager("x", { charts, namespace: "certificates" }));
    assert.deepEqual(made.input("Release x-chart", "values.global.leaderElection"), {
      namespace: "certificates",
    });
    assert.equal(await valueOf(result.namespace.metadata.name), "certificates");
  });

  it("of Kourier are upstream's, whatever is named", async () => {
    const args = { charts, layer: "kourier", layerNamespace: "edge" } as const;
    const { made } = await run(() => new KnativeServing("x", args));
    assert.deepEqual(namespacesOf(made), {
      ...fixedKnative,
      "Namespace x-kourier-system": "kourier-system",
      "Release x-kourier": "kourier-system",
    });
  });
});
