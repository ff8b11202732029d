import { strict as assert } from "node:assert";
import { existsSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { cp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import type { LocalChart } from "../../charts/args";
import { chartsFor } from "../../charts/on-demand";
import { CertManager } from "../../components/cert-manager/index";
import { Flagger } from "../../components/flagger/index";
import { GatewayApi } from "../../components/gateway-api/index";
import { IngressWithCert } from "../../components/ingress-with-cert/index";
import { InletsOperator } from "../../components/inlets-operator/index";
import { K3sCluster } from "../../components/k3s-cluster/index";
import { KnativeServing } from "../../components/knative-serving/index";
import { LinkerdMesh } from "../../components/linkerd-mesh/index";
import { LinkerdViz } from "../../components/linkerd-viz/index";
import { OpenFaas } from "../../components/openfaas/index";
import { UnreachableError, UserError } from "../../errors";
import { helmRelease } from "../../kubernetes/helm-release";
import { standInCharts } from "../../simulator/charts";
import * as versions from "../../versions";
import { minimal } from "./components/k3s-fixtures";
import { charts as prepared, run } from "./components/mocks";

const { version } = versions.charts.flagger;
const manifest = versions.manifests["gateway-api"].version;

describe("charts on demand", () => {
  const before = process.cwd();
  let folder: string;
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), "on-demand-")));
    process.chdir(folder);
  });
  afterEach(() => {
    process.chdir(before);
    rmSync(folder, { recursive: true });
  });

  it("are those that were prepared, where there are, whatever the mirror is", () =>
    assert.equal(chartsFor({ charts: prepared, mirror: "gone" }), prepared));

  it("go from the mirror into the program's folder, a manifest as well as a chart", async () => {
    const charts = chartsFor({ mirror: standInCharts });
    for (const [name, expected] of [
      ["flagger", { chart: `./.charts/flagger-${version}`, version }],
      ["gateway-api", { chart: `./.charts/gateway-api-${manifest}`, version: manifest }],
    ] as const) {
      const { ready, ...chart } = charts.chart(name);
      assert.deepEqual(chart, expected);
      await ready;
      assert.ok(existsSync(join(folder, chart.chart, "Chart.yaml")), name);
    }
  });

  it("are relative to the program's folder, as a mirror is", async () => {
    await cp(join(standInCharts, `flagger-${version}`), join(folder, "mine", `flagger-${version}`), {
      recursive: true,
    });
    await chartsFor({ mirror: "mine" }).chart("flagger").ready;
    assert.ok(existsSync(join(folder, ".charts", `flagger-${version}`, "Chart.yaml")));
  });

  it("are each prepared once for a mirror, and for another mirror or folder again", async () => {
    const mirror = join(folder, "mirror");
    await cp(standInCharts, mirror, { recursive: true });
    const first = chartsFor({ mirror: standInCharts });
    const { ready } = first.chart("flagger");
    assert.ok(ready);
    assert.equal(first.chart("flagger").ready, ready);
    assert.equal(chartsFor({ mirror: standInCharts }).chart("flagger").ready, ready);
    assert.equal(chartsFor({ mirror: `${standInCharts}/` }).chart("flagger").ready, ready);
    await ready;
    assert.equal(chartsFor({ mirror: standInCharts }).chart("flagger").ready, ready);

    const others = [first.chart("flagger-crds").ready, chartsFor({ mirror }).chart("flagger").ready];
    process.chdir(mirror);
    others.push(chartsFor({ mirror: standInCharts }).chart("flagger").ready);
    assert.equal(new Set([ready, ...others]).size, 4);
    for (const other of others) await other;
  });

  it("that are not there reject with what to do, and are tried again by the next run", async () => {
    const mirror = join(folder, "mirror");
    await cp(standInCharts, mirror, { recursive: true });
    rmSync(join(mirror, `flagger-${version}`), { recursive: true });
    const message =
      `the mirror ${mirror} has no flagger-${version}.tgz; ` +
      `add it with: npm run lab -- mirror --to ${mirror}`;
    await assert.rejects(chartsFor({ mirror }).chart("flagger").ready!, new UserError(message));
    await cp(join(standInCharts, `flagger-${version}`), join(mirror, `flagger-${version}`), {
      recursive: true,
    });
    await chartsFor({ mirror }).chart("flagger").ready;
    assert.ok(existsSync(join(folder, ".charts", `flagger-${version}`, "Chart.yaml")));
  });

  describe("of a release", () => {
    /** What a release gets for its chart: text, or a promise of it. */
    async function given(chart: LocalChart): Promise<{ chart?: pulumi.Input<string> }> {
      const inputs: { chart?: pulumi.Input<string> } = {};
      class Parent extends pulumi.ComponentResource {}
      await run(() => {
        const take: pulumi.ResourceTransformation = ({ type, props, opts }) => {
          if (!type.endsWith(":Release")) return undefined;
          inputs.chart = props.chart as pulumi.Input<string>;
          // A promise that rejects would end the program.
          return { props: { ...props, chart: "./elsewhere" }, opts };
        };
        const parent = new Parent("faasmesh:index:Parent", "parent", {}, { transformations: [take] });
        helmRelease("parent-chart", { chart, namespace: "default" }, { parent });
      });
      return inputs;
    }
    const path = "./.charts/x";

    it("are its folder at once where they were prepared", async () =>
      assert.equal((await given({ chart: path, version })).chart, path));

    it("are its folder once they are complete", async () => {
      let complete = () => {};
      const ready = new Promise<void>((resolve) => (complete = resolve));
      const { chart } = await given({ chart: path, version, ready });
      const waiting = new Promise((resolve) => setTimeout(resolve, 20, "waiting"));
      assert.equal(await Promise.race([chart, waiting]), "waiting");
      complete();
      assert.equal(await chart, path);
    });

    /** How a program ends whose chart's preparation ends so. */
    async function endOf(error: Error): Promise<unknown> {
      let fail = (_error: Error) => {};
      const ready = new Promise<void>((_resolve, reject) => (fail = reject));
      const { chart } = await given({ chart: path, version, ready });
      const end = Promise.resolve(chart).then(
        () => assert.fail("it goes on"),
        (reason: unknown) => reason,
      );
      fail(error);
      return end;
    }

    for (const Kind of [UserError, UnreachableError])
      it(`end the program with an ${Kind.name}'s message alone`, async () => {
        const error = await endOf(new Kind("fill the mirror"));
        assert.ok(pulumi.RunError.isInstance(error));
        assert.equal(error.message, "fill the mirror");
      });

    it("end it with all that there is of an error that no one expected", async () => {
      const unexpected = new TypeError("a bug");
      assert.equal(await endOf(unexpected), unexpected);
    });
  });

  describe("of a mirror that is none", () => {
    const mirror = "gone";
    const mesh = { revision: "r1" };
    const license = { token: "t", license: "l" };
    const host = { hostname: "a.example.com", backend: { namespace: "a", name: "a", port: 80 } };
    const components: [string, () => pulumi.Resource][] = [
      ["CertManager", () => new CertManager("x", { mirror })],
      ["Flagger", () => new Flagger("x", { mirror, mesh })],
      ["GatewayApi", () => new GatewayApi("x", { mirror })],
      [
        "IngressWithCert",
        () => new IngressWithCert("x", { mirror, issuer: { kind: "self-signed" }, hosts: { a: host } }),
      ],
      [
        "InletsOperator",
        () => new InletsOperator("x", { mirror, ...license, provider: "linode", region: "eu-west" }),
      ],
      ["K3sCluster", () => new K3sCluster("x", { ...minimal, cloud: { mirror, token: "t" } })],
      ["KnativeServing", () => new KnativeServing("x", { mirror })],
      ["LinkerdMesh", () => new LinkerdMesh("x", { mirror })],
      ["LinkerdViz", () => new LinkerdViz("x", { mirror, mesh })],
      ["OpenFaas", () => new OpenFaas("x", { mirror })],
    ];
    for (const [name, create] of components)
      it(`reject a ${name} before anything is registered`, async () => {
        const { made } = await run(() =>
          assert.throws(create, (error: unknown) => {
            assert.ok(error instanceof UserError);
            assert.ok(error.message.startsWith(`the mirror ${join(folder, mirror)} does not exist; `));
            return true;
          }),
        );
        assert.deepEqual(made.ids, []);
      });
  });

  it("are used by a component that got none, all of its own", async () => {
    const { made } = await run(() => new GatewayApi("gateway-api", { mirror: standInCharts }));
    const chart = `./.charts/gateway-api-${manifest}`;
    // Registered as soon as the chart is complete.
    for (let turn = 0; turn < 1_000 && made.ofKind("Release").length === 0; turn += 1)
      await new Promise((resolve) => setTimeout(resolve, 5));
    assert.equal(made.input("Release gateway-api-crds", "chart"), chart);
    assert.ok(existsSync(join(folder, chart, "Chart.yaml")));
  });
});
