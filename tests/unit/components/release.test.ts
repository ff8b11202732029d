import { strict as assert } from "node:assert";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import * as pulumi from "@pulumi/pulumi";
import { stringify } from "yaml";
import { Cluster } from "../../../components/cluster/index";
import { helmRelease } from "../../../kubernetes/helm-release";
import { charts, run } from "./mocks";

/** A component with one release, which keeps the hooks that the release was given. */
class Parent extends pulumi.ComponentResource {
  hooks: pulumi.ResourceHookBinding = {};

  constructor(releaseName: string | undefined, opts?: pulumi.ComponentResourceOptions) {
    super(
      "faasmesh:index:Parent",
      "parent",
      {},
      {
        ...opts,
        transformations: [
          (args) => {
            if (args.name === "parent-openfaas") this.hooks = args.opts.hooks ?? {};
            return undefined;
          },
        ],
      },
    );
    const namespace = pulumi.output("apps");
    helmRelease(
      "parent-openfaas",
      { chart: charts.chart("openfaas"), namespace, releaseName },
      { parent: this },
    );
    this.registerOutputs();
  }
}

describe("release", () => {
  let server: Server;
  let asked: string[];
  let records: object[];
  let status: number;
  before((done) => {
    server = createServer((request, response) => {
      asked.push(`${request.method} ${decodeURIComponent(request.url ?? "").replaceAll("+", " ")}`);
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify(request.method === "GET" ? { kind: "SecretList", items: records } : {}));
    }).listen(0, "127.0.0.1", done);
  });
  after(() => server.close());
  beforeEach(() => {
    asked = [];
    records = [];
    status = 200;
  });

  const kubeconfig = () =>
    stringify({
      apiVersion: "v1",
      kind: "Config",
      "current-context": "test",
      contexts: [{ name: "test", context: { cluster: "test", user: "test" } }],
      clusters: [
        {
          name: "test",
          cluster: {
            server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
            "insecure-skip-tls-verify": true,
          },
        },
      ],
      users: [{ name: "test", user: {} }],
    });
  const onCluster = (releaseName?: string) =>
    run(() => {
      const cluster = new Cluster("cluster", { kubeconfig: kubeconfig() });
      return new Parent(releaseName, { providers: [cluster.provider] });
    });
  /** Runs hooks as the engine does: one after the other. */
  async function fire(
    hooks: readonly (pulumi.ResourceHook | pulumi.ResourceHookFunction)[] = [],
  ): Promise<void> {
    for (const hook of hooks) {
      assert.ok(typeof hook === "function");
      await hook({ urn: "", id: "", name: "", type: "" });
    }
  }
  const list = (name: string) => `GET /api/v1/namespaces/apps/secrets?labelSelector=owner=helm,name=${name}`;
  const remove = (name: string) => `DELETE /api/v1/namespaces/apps/secrets/${name}`;

  /** As Helm writes them: JSON, gzip, base64, and base64 once more in the Secret. */
  function record(name: string, recordStatus: string, description: string) {
    const text = gzipSync(JSON.stringify({ info: { description } })).toString("base64");
    return {
      metadata: { name, labels: { status: recordStatus } },
      data: { release: Buffer.from(text).toString("base64") },
    };
  }

  it("takes a local chart, in a namespace, under its own name unless told another", async () => {
    const { chart, version } = charts.chart("openfaas");
    for (const [given, name] of [
      [undefined, "parent-openfaas"],
      ["faas", "faas"],
    ]) {
      const { made } = await onCluster(given);
      const { inputs } = made.get("Release parent-openfaas");
      assert.deepEqual(
        [inputs["chart"], inputs["version"], inputs["namespace"], inputs["name"], inputs["values"]],
        [chart, version, "apps", name, {}],
      );
    }
  });

  const ours = "Made by Pulumi, faasmesh/test";
  for (const [when, removed] of [
    ["beforeCreate", ["v1", "v2", "v3", "v4"]],
    ["beforeUpdate", ["v1", "v2", "v3"]],
  ] as const) {
    it(`forgets what a killed run left, and no one else's release, ${when}`, async () => {
      const { result } = await onCluster("faas");
      assert.deepEqual(asked, []);
      records = [
        record("v1", "pending-install", "Initial install underway"),
        record("v2", "pending-upgrade", "Preparing upgrade"),
        record("v3", "pending-rollback", "Rollback"),
        record("v4", "deployed", ours),
        record("v5", "deployed", "Install complete"),
        record("v6", "deployed", "Made by Pulumi, faasmesh/other"),
      ];
      await fire(result.hooks[when]);
      assert.deepEqual(asked, [list("faas"), ...removed.map(remove)]);
    });
  }

  it("is not created when the cluster rejects that", async () => {
    const { result } = await onCluster();
    status = 403;
    await assert.rejects(fire(result.hooks.beforeCreate), /403/);
    assert.deepEqual(asked, [list("parent-openfaas")]);
  });

  it("does nothing of its own on delete", async () => {
    const { result } = await onCluster();
    assert.deepEqual(Object.keys(result.hooks).sort(), ["beforeCreate", "beforeUpdate"]);
  });

  it("is looked after on the default provider's cluster too", async () => {
    const folder = mkdtempSync(join(tmpdir(), "release-"));
    const before = process.env["KUBECONFIG"];
    process.env["KUBECONFIG"] = join(folder, "kubeconfig");
    try {
      writeFileSync(process.env["KUBECONFIG"], kubeconfig());
      const { result } = await run(() => new Parent("faas"));
      assert.deepEqual(asked, []);
      records = [record("v1", "pending-install", "Initial install underway")];
      await fire(result.hooks.beforeCreate);
      await fire(result.hooks.beforeUpdate);
      assert.deepEqual(asked, [list("faas"), remove("v1"), list("faas"), remove("v1")]);
    } finally {
      if (before === undefined) delete process.env["KUBECONFIG"];
      else process.env["KUBECONFIG"] = before;
      rmSync(folder, { recursive: true });
    }
  });
});
