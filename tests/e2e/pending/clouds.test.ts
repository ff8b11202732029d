import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { projectRoot } from "../../../lab/paths";
import { Clouds } from "./clouds";
import { Sandbox } from "../harness";

type Config = Record<string, Record<string, unknown>>;

const environment = (name: string): Config =>
  (parse(readFileSync(join(projectRoot, `Pulumi.${name}.yaml`), "utf8")) as { config: Config }).config;

const off = {
  "faasmesh:gatewayApi": { install: false },
  "faasmesh:mesh": { enabled: false },
  "faasmesh:openfaas": { enabled: false },
};

/** `digitalocean:index/droplet:Droplet cluster-server-0` of a URN. */
const idOf = (urn: string): string => {
  const [, , types = "", name = ""] = urn.split("::");
  return `${types.split("$").at(-1) ?? ""} ${name}`;
};

describe("clouds, with stand-ins for what no test reaches", () => {
  let sandbox: Sandbox;
  let clouds: Clouds;

  before(async () => {
    sandbox = new Sandbox();
    await sandbox.bareCluster("host");
    clouds = new Clouds(sandbox);
    await clouds.prepare("host");
  });
  after(() => sandbox.remove());

  async function changes(stack: string): Promise<string[]> {
    return (await clouds.preview(stack)).map(({ op, urn }) => `${op} ${idOf(urn)}`).sort();
  }

  /** A first plan, `up`, and nothing left to do. Returns what the first plan makes. */
  async function comesUp(stack: string): Promise<string[]> {
    const planned = await changes(stack);
    assert.deepEqual(
      planned.filter((each) => !each.startsWith("create ")),
      [],
    );
    await clouds.succeed("up", "--yes", "--stack", stack);
    assert.deepEqual(await changes(stack), []);
    await clouds.succeed("refresh", "--preview-only", "--expect-no-changes", "--stack", stack);
    return planned.map((each) => each.slice("create ".length));
  }

  /** What is in the clear in the state and must not be. */
  async function secretsInState(stack: string, secrets: string[]): Promise<string[]> {
    const { text } = await clouds.state(stack);
    const forms = secrets.flatMap((each) => [each, Buffer.from(each).toString("base64")]);
    return forms.filter((each) => text.includes(JSON.stringify(each).slice(1, -1)));
  }

  describe("k3s on DigitalOcean", () => {
    const stack = "k3s-alone";
    const token = "dop_v1_a-token-of-tests";
    const cluster = { ...environment("k3s")["faasmesh:cluster"], servers: 3, agents: 1 };

    it("comes up with three servers, load balancers and volumes", async () => {
      const config = { ...off, "faasmesh:cluster": cluster };
      await clouds.stack(stack, config, { "faasmesh:cluster.cloud.token": token });
      const planned = await comesUp(stack);
      const count = (type: string) => planned.filter((each) => each.startsWith(`${type} `)).length;
      assert.equal(count("digitalocean:index/droplet:Droplet"), 4);
      assert.equal(count("digitalocean:index/firewall:Firewall"), 2);
      assert.equal(count("command:remote:Command"), 5);
      assert.equal(count("kubernetes:helm.sh/v3:Release"), 3);
    });

    it("says of what was not made that it was not", async () => {
      const { resources } = await clouds.state(stack);
      const standIns = resources.filter(({ type }) => /^(digitalocean|command):/.test(type));
      assert.ok(standIns.length > 10);
      for (const { outputs, urn } of standIns)
        assert.match(String(outputs?.["standIn"]), /^This was not made/, urn);
    });

    it("runs volumes' controller on the host's network, past the closed metadata service", async () => {
      const path = "jsonpath={.spec.template.spec.hostNetwork}";
      const args = ["-n", "kube-system", "get", "statefulset", "csi-do-controller", "-o", path];
      assert.equal(await sandbox.kubectl("host", ...args), "true");
    });

    it("has no secret in its state", async () => {
      const shown = JSON.parse(
        await clouds.succeed("stack", "output", "--show-secrets", "--json", "--stack", stack),
      ) as {
        kubeconfig: string;
      };
      const { users } = parse(shown.kubeconfig) as { users: { user: Record<string, string> }[] };
      const key = users[0]?.user["client-key-data"] ?? "";
      assert.ok(key.length > 100);
      assert.deepEqual(await secretsInState(stack, [token, key, "PRIVATE KEY-----"]), []);
    });

    it("replaces no machine for a change of cloud-init, nor for another image", async () => {
      clouds.edit("components/cluster/k3s/cloud-init/node.yaml", (text) =>
        text.replace("disable_root", "package_update: true\ndisable_root"),
      );
      clouds.edit("components/cluster/k3s/args.ts", (text) =>
        text.replace('ubuntu-24-04-x64",', 'ubuntu-26-04-x64",'),
      );
      assert.deepEqual(await changes(stack), []);
    });

    it("brings another release of k3s in place, and nothing else", async () => {
      const argument = "faasmesh:cluster.version";
      await clouds.succeed("config", "set", "--stack", stack, "--path", argument, "v1.35.99+k3s1");
      const install = (machine: string) => `update command:remote:Command cluster-${machine}-k3s`;
      assert.deepEqual(await changes(stack), ["agent-0", "server-0", "server-1", "server-2"].map(install));
      await clouds.succeed("config", "rm", "--stack", stack, "--path", argument);
    });

    it("makes new agents before old ones go", async () => {
      await clouds.succeed(
        "config",
        "set",
        "--stack",
        stack,
        "--path",
        "faasmesh:cluster.agentGeneration",
        "2",
      );
      const droplets = (await changes(stack)).filter((each) => each.includes("droplet:"));
      const droplet = "digitalocean:index/droplet:Droplet cluster-agent";
      assert.deepEqual(droplets, [`create ${droplet}-2-0`, `delete ${droplet}-0`]);
    });

    it("goes, and leaves nothing in the cluster", async () => {
      await clouds.succeed("destroy", "--yes", "--stack", stack);
      assert.deepEqual(
        (await clouds.state(stack)).resources?.filter(({ type }) => !type.startsWith("pulumi:")) ?? [],
        [],
      );
      const left = await sandbox.everyObject("host");
      assert.deepEqual(
        left.filter((each) => /digitalocean|csi|snapshot/.test(each)),
        [],
      );
    });
  });

  describe("Google Kubernetes Engine", () => {
    it("comes up, and binds the account that asked for it", async () => {
      const cluster = { ...environment("gke")["faasmesh:cluster"], bindAdmin: true };
      await clouds.stack("gke-alone", { ...off, "faasmesh:cluster": cluster });
      const planned = await comesUp("gke-alone");
      assert.ok(planned.includes("gcp:container/nodePool:NodePool cluster-pool"), planned.join("\n"));
      const path = "jsonpath={.subjects[0].name}";
      assert.equal(
        await sandbox.kubectl("host", "get", "clusterrolebinding", "faasmesh-gke-alone-admin", "-o", path),
        "stand-in@example.com",
      );
      await clouds.succeed("destroy", "--yes", "--stack", "gke-alone");
    });
  });

  for (const name of ["k3s", "gke"]) {
    it(`carries the platform of Pulumi.${name}.yaml`, async () => {
      await clouds.stack(name, environment(name));
      const planned = await comesUp(name);
      assert.ok(planned.includes("kubernetes:apps/v1:Deployment openfaas-figlet"), planned.join("\n"));
      if (name === "gke") {
        const args = ["-n", "linkerd", "get", "configmap", "linkerd-config", "-o", "jsonpath={.data.values}"];
        assert.match(
          await sandbox.kubectl("host", ...args),
          /10\.64\.0\.0\/20,10\.68\.0\.0\/14,10\.72\.0\.0\/20/,
        );
      }
      await clouds.succeed("destroy", "--yes", "--stack", name);
    });
  }
});
