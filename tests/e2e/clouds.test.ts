import assert from "node:assert/strict";
import { parse } from "yaml";
import type { Estimate } from "../../costs/estimate";
import { Clouds, type Stored } from "./clouds";
import { Sandbox } from "./harness";
import { formsOf, generatedSecrets } from "./secrets";

interface Kubeconfig {
  clusters: { cluster: { server: string } }[];
  users: { user: Record<string, unknown> }[];
  "current-context": string;
}

/** Of every part of the platform, something that is on the cluster. */
const platform = [
  "CustomResourceDefinition /gateways.gateway.networking.k8s.io",
  "Deployment linkerd/linkerd-destination",
  "Deployment linkerd-viz/tap",
  "Deployment openfaas/gateway",
  "Deployment openfaas-fn/figlet",
];

describe("clouds, with stand-ins for what no test reaches", () => {
  let sandbox: Sandbox;
  let clouds: Clouds;
  let host: Kubeconfig;
  let hostKey: string;
  let atFirst: string[];

  before(async () => {
    sandbox = new Sandbox();
    await sandbox.bareCluster("host");
    clouds = new Clouds(sandbox);
    await clouds.prepare("host");
    host = parse(await sandbox.kubectl("host", "config", "view", "--raw", "--flatten")) as Kubeconfig;
    hostKey = String(host.users[0]?.user["client-key-data"]);
    atFirst = await sandbox.everyObject("host");
  });
  after(() => sandbox.remove());

  const serverOf = (config: Kubeconfig) => config.clusters[0]?.cluster.server;
  const kubeconfigOf = async (stack: string) => parse(await clouds.output(stack, "kubeconfig")) as Kubeconfig;
  const ofType = (steps: string[], type: string) =>
    steps.filter((step) => step.startsWith(`create ${type} `));

  /** The plan of an environment's file as it is. */
  async function planOf(stack: string): Promise<string[]> {
    await clouds.succeed("stack", "init", stack);
    const planned = await clouds.preview(stack);
    assert.deepEqual(
      planned.filter((step) => !step.startsWith("create ")),
      [],
    );
    assert.ok(planned.includes("create kubernetes:apps/v1:Deployment openfaas-figlet"), planned.join("\n"));
    return planned;
  }

  const up = (stack: string) => clouds.succeed("up", "--yes", "--skip-preview", "--stack", stack);

  /** A second `up`, which looks at what is there too, finds nothing to do. */
  const assertSettled = (stack: string) =>
    clouds.succeed("up", "--refresh", "--yes", "--skip-preview", "--expect-no-changes", "--stack", stack);

  /** What the plan told, before anything was made, and the stack's output tells. */
  async function assertCost(stack: string, told: RegExp, output: Partial<Estimate>): Promise<void> {
    assert.match(clouds.log, told);
    const { resources } = await clouds.state(stack);
    const cost = resources.find(({ type }) => type === "pulumi:pulumi:Stack")?.outputs?.["cost"];
    assert.deepEqual({ ...(cost as Estimate), ...output }, cost);
    assert.deepEqual((cost as Estimate).unknown, []);
  }

  async function assertOnCluster(expected: string[]): Promise<void> {
    const there = await sandbox.everyObject("host");
    assert.deepEqual(
      expected.filter((each) => !there.includes(each)),
      [],
    );
  }

  /** Nothing that the program made up or was told is in the state or in what the CLI printed. */
  async function assertNoSecret(stack: string, told: string[]): Promise<void> {
    const made = generatedSecrets((await clouds.state(stack, true)).resources);
    assert.ok(made.length > 0);
    const { text } = await clouds.state(stack);
    for (const secret of [...made, ...told]) {
      assert.ok(secret.length >= 16, "a secret that is too short to look for");
      const shown = formsOf(secret).filter((form) => text.includes(form) || clouds.log.includes(form));
      assert.deepEqual(shown, []);
    }
    assert.deepEqual(
      formsOf("PRIVATE KEY-----").filter((form) => text.includes(form)),
      [],
    );
  }

  function assertSaidToBeStandIns(resources: Stored[], types: RegExp): void {
    const standIns = resources.filter(({ type }) => types.test(type));
    assert.ok(standIns.length > 0);
    for (const { outputs, urn } of standIns) assert.match(String(outputs?.["standIn"]), /^Not created/, urn);
  }

  async function goesWithoutTrace(stack: string): Promise<void> {
    await clouds.succeed("destroy", "--yes", "--skip-preview", "--stack", stack);
    assert.deepEqual((await clouds.state(stack)).resources, []);
    const left = await sandbox.everyObject("host");
    assert.deepEqual(
      left.filter((each) => !atFirst.includes(each)),
      [],
    );
  }

  /** What a plan says once a file of the program gives a provider something else. */
  async function refusal(stack: string, file: string, from: string, to: string): Promise<string> {
    const { code, out } = await clouds.changed({ [file]: [from, to] }, () =>
      clouds.pulumi(["preview", "--stack", stack]),
    );
    assert.notEqual(code, 0, out);
    return out;
  }

  describe("k3s on DigitalOcean", () => {
    const stack = "k3s";
    const token = "dop_v1_a-token-of-tests";

    it("plans Pulumi.k3s.yaml as it is", async () => {
      const planned = await planOf(stack);
      assert.equal(ofType(planned, "digitalocean:index/droplet:Droplet").length, 3, planned.join("\n"));
      assert.deepEqual(
        planned.filter((step) => step.includes("cluster-cloud")),
        [],
      );
    });

    it("gives DigitalOcean nothing that it does not know", async () => {
      const rule = await refusal(stack, "components/k3s-cluster/network.ts", "portRange: ports", "ports");
      assert.match(rule, /inboundRules\[0\]\.ports[^]*is unknown/);
    });

    it("comes up with three servers, load balancers, volumes and the platform", async () => {
      const machines = { "cluster.servers": "3", "cluster.agents": "1" };
      await clouds.config(stack, machines, { "cluster.cloud.token": token });
      await up(stack);
      const { resources } = await clouds.state(stack);
      const count = (type: string) => resources.filter((each) => each.type === type).length;
      assert.equal(count("digitalocean:index/droplet:Droplet"), 4);
      assert.equal(count("digitalocean:index/firewall:Firewall"), 2);
      assert.equal(count("command:remote:Command"), 5);
      assertSaidToBeStandIns(resources, /^(digitalocean|command):/);
      await assertSettled(stack);
    });

    it("reports what it costs", () =>
      assertCost(stack, /costs about 0\.11 USD an hour, 2\.57 USD a day, 72\.00 USD a month/, {
        perHour: 0.1429,
        perMonth: 96,
      }));

    it("puts all that on the cluster of its kubeconfig", async () => {
      const kubeconfig = await kubeconfigOf(stack);
      assert.equal(kubeconfig["current-context"], "faasmesh-k3s");
      assert.equal(serverOf(kubeconfig), serverOf(host));
      await assertOnCluster([
        ...platform,
        "Deployment kube-system/digitalocean-cloud-controller-manager",
        "StatefulSet kube-system/csi-do-controller",
        "Secret kube-system/digitalocean",
      ]);
    });

    it("configures DigitalOcean's controllers with what they cannot discover", async () => {
      const get = (object: string, path: string) =>
        sandbox.kubectl("host", "-n", "kube-system", "get", object, "-o", `jsonpath={${path}}`);
      // Volumes' controller asks the metadata service, which is closed to pods.
      const spec = ".spec.template.spec";
      assert.equal(await get("statefulset/csi-do-controller", `${spec}.hostNetwork`), "true");
      // Load balancers are made in the nodes' private network.
      const { resources } = await clouds.state(stack);
      const vpc = resources.find(({ type }) => type === "digitalocean:index/vpc:Vpc");
      const env = `${spec}.containers[0].env[?(@.name=="DO_CLUSTER_VPC_ID")].value`;
      assert.equal(await get("deployment/digitalocean-cloud-controller-manager", env), vpc?.id);
    });

    it("shows no secret", () => assertNoSecret(stack, [token, hostKey]));

    it("upgrades in place, creates new agents before old ones go, and replaces no server", async () => {
      const edits: Record<string, [string, string]> = {
        "components/k3s-cluster/cloud-init/node.yaml": ["disable_root", "package_update: true\ndisable_root"],
        "components/k3s-cluster/args.ts": ['ubuntu-24-04-x64",', 'ubuntu-26-04-x64",'],
        "versions.ts": ['k3s = "v1.35', 'k3s = "v1.36'],
      };
      await clouds.config(stack, { "cluster.agentGeneration": "2" });
      const agent = (op: string, name: string) => [
        `${op} command:remote:Command ${name}-k3s`,
        `${op} digitalocean:index/droplet:Droplet ${name}`,
        `${op} random:index/randomId:RandomId ${name}-id`,
        `${op} tls:index/privateKey:PrivateKey ${name}-host`,
      ];
      const servers = [0, 1, 2].map((index) => `update command:remote:Command cluster-server-${index}-k3s`);
      assert.deepEqual(await clouds.changed(edits, () => clouds.preview(stack)), [
        ...agent("create", "cluster-agent-2-0"),
        ...agent("delete", "cluster-agent-0"),
        ...servers,
      ]);
    });

    it("is removed, and leaves nothing", () => goesWithoutTrace(stack));
  });

  describe("Google Kubernetes Engine", () => {
    const stack = "gke";

    it("plans Pulumi.gke.yaml as it is", async () => {
      const planned = await planOf(stack);
      assert.ok(planned.includes("create gcp:container/nodePool:NodePool cluster-pool"), planned.join("\n"));
    });

    it("gives Google nothing that it does not know", async () => {
      const channel = await refusal(
        stack,
        "components/gke-cluster/index.ts",
        "channel: settings.gate",
        "name: settings.gate",
      );
      assert.match(channel, /gatewayApiConfig\.channel[^]*is missing/);
      assert.match(channel, /gatewayApiConfig\.name[^]*is unknown/);
    });

    it("comes up with the platform, and binds the account that requested it", async () => {
      await clouds.config(stack, { "cluster.bindAdmin": "true" });
      await up(stack);
      assertSaidToBeStandIns((await clouds.state(stack)).resources, /^gcp:/);
      await assertSettled(stack);
    });

    it("reports what it costs", () =>
      assertCost(
        stack,
        /costs about 0\.29 to 0\.65 USD an hour, 6\.90 to \d+\.\d\d USD a day, 209\.72 to \d+\.\d\d USD a month/,
        {
          perHour: 0.2873,
          perMonth: 209.72,
        },
      ));

    it("puts all that on the cluster of its kubeconfig, which contains no credential", async () => {
      const kubeconfig = await kubeconfigOf(stack);
      assert.equal(serverOf(kubeconfig), serverOf(host));
      assert.deepEqual(Object.keys(kubeconfig.users[0]?.user ?? {}), ["exec"]);
      await assertOnCluster([...platform, "ClusterRoleBinding /faasmesh-gke-admin"]);
      const subject = [
        "get",
        "clusterrolebinding",
        "faasmesh-gke-admin",
        "-o",
        "jsonpath={.subjects[0].name}",
      ];
      assert.equal(await sandbox.kubectl("host", ...subject), "stand-in@example.com");
    });

    it("passes its networks to Linkerd", async () => {
      const args = ["-n", "linkerd", "get", "configmap", "linkerd-config", "-o", "jsonpath={.data.values}"];
      assert.match(
        await sandbox.kubectl("host", ...args),
        /10\.64\.0\.0\/20,10\.68\.0\.0\/14,10\.72\.0\.0\/20/,
      );
    });

    it("shows no secret", () => assertNoSecret(stack, [hostKey]));

    it("is removed, and leaves nothing", () => goesWithoutTrace(stack));
  });

  describe("kind", () => {
    const stack = "kind";

    it("plans Pulumi.kind.yaml as it is", async () => {
      const planned = await planOf(stack);
      assert.ok(planned.includes("create command:local:Command cluster-kind"), planned.join("\n"));
    });

    it("is not begun where Docker is too old or too small", async () => {
      clouds.docker("19.03.15", 1.9);
      const { code, out, err } = await clouds.pulumi(["up", "--yes", "--skip-preview", "--stack", stack]);
      clouds.docker("28.5.2", 8);
      assert.notEqual(code, 0);
      assert.match(out + err, /Docker's version: got 19\.03\.15, expected 20\.10 or later/);
      assert.match(out + err, /Docker's memory: got 1\.9 GB, expected at least 4 GB/);
      assert.deepEqual(clouds.kindCalls(), []);
    });

    it("comes up by kind's own commands, with something on it", async () => {
      await clouds.config(stack, {
        ...{ "mesh.enabled": "false", "openfaas.enabled": "false", "ingress.enabled": "false" },
      });
      await up(stack);
      const [, create = ""] = clouds.kindCalls();
      assert.match(create, /^create cluster --name faasmesh-kind --image kindest\/node:v/);
      assert.equal(serverOf(await kubeconfigOf(stack)), serverOf(host));
      assert.match(
        await sandbox.kubectl("host", "get", "crd", "-o", "name"),
        /\/gateways\.gateway\.networking/,
      );
      await assertSettled(stack);
    });

    it("keeps the kubeconfig's key to itself", async () => {
      const { text } = await clouds.state(stack);
      assert.deepEqual(
        formsOf(hostKey).filter((form) => text.includes(form) || clouds.log.includes(form)),
        [],
      );
    });

    it("is removed, and leaves nothing", async () => {
      await goesWithoutTrace(stack);
      assert.match(clouds.kindCalls().at(-1) ?? "", /^delete cluster --name faasmesh-kind /);
    });
  });
});
