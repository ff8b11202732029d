import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { createServer, type Server } from "node:https";
import { join } from "node:path";
import { execa } from "execa";
import { Sandbox } from "./harness";
import { WorkshopEngine } from "./workshop-engine";

interface SeatOutputs {
  url: string;
  password: string;
  sshPrivateKey: string;
  kubeconfig: string;
}

const common = {
  name: "class",
  region: "fra1",
  expires: "2099-01-01T18:00:00Z",
  adminCidrs: ["203.0.113.7/32"],
  tls: { kind: "self-signed" },
};

/** What one seat is made of. */
const objects = (seat: string) => [
  `Command ${seat}-fingerprint`,
  `Command ${seat}-kubeconfig`,
  `Command ${seat}-ready`,
  `Droplet ${seat}-vm`,
  `Firewall ${seat}-firewall`,
  `PrivateKey ${seat}-host`,
  `PrivateKey ${seat}-ssh`,
  `RandomBytes ${seat}-salt`,
  `RandomPassword ${seat}-password`,
  `ReservedIp ${seat}-address`,
  `ReservedIpAssignment ${seat}-address`,
  `SshKey ${seat}-ssh`,
  `Tag ${seat}-tag`,
  `WorkshopVm ${seat}`,
];
const each = (op: string, seats: string[]) => seats.flatMap(objects).map((id) => `${op} ${id}`);

/** An address of this machine that nothing else listens on. */
const address = "127.0.0.77";

describe("a workshop, with stand-ins for DigitalOcean and SSH", () => {
  const stack = "class";
  let engine: WorkshopEngine;
  /** Everything that plans and runs have printed. */
  let printed = "";

  before(async () => {
    engine = new WorkshopEngine(new Sandbox());
    await engine.prepare();
    engine.configure(stack, { ...common, seats: ["alice", "bob", "carol"] });
    await engine.succeed(["stack", "init", stack]);
  });
  after(() => engine.remove());

  /** A plan, `up`, and nothing left to do. Returns the plan. */
  async function comesUp(seats: unknown, more: object = {}): Promise<string[]> {
    engine.configure(stack, { ...common, seats, ...more });
    const { changes, text } = await engine.preview(stack);
    printed += text + (await engine.succeed(["up", "--yes", "--diff", "--stack", stack]));
    const again = await engine.preview(stack);
    printed += again.text;
    assert.deepEqual(again.changes, []);
    return changes;
  }

  const seatOutputs = async (): Promise<Record<string, SeatOutputs>> => {
    const { out } = await engine.pulumi(["stack", "output", "--json", "--show-secrets", "--stack", stack]);
    return (JSON.parse(out) as { seats: Record<string, SeatOutputs> }).seats;
  };
  const idsOf = async () =>
    Object.fromEntries((await engine.state(stack)).resources.map(({ urn, id }) => [urn, id]));

  it("comes up for three seats, after its cost is shown", async () => {
    const changes = await comesUp(["alice", "bob", "carol"]);
    const shared = ["Stack faasmesh-class", "Tag expiry", "Tag workshop", "digitalocean digitalocean"];
    assert.deepEqual(
      changes,
      [...each("create", ["alice", "bob", "carol"]), ...shared.map((id) => `create ${id}`)].sort(),
    );
    const text = await engine.succeed(["preview", "--stack", stack]);
    assert.match(
      text,
      /This costs about 0\.11 USD an hour, 2\.57 USD a day, 72\.00 USD a month, without tax and traffic/,
    );
    assert.match(
      text,
      /alice, bob, carol: 0\.036 USD an hour, 24\.00 USD a month each \(Droplet s-2vcpu-4gb\)/,
    );
    await engine.succeed(["refresh", "--preview-only", "--expect-no-changes", "--stack", stack]);
  });

  it("adds exactly one VM's objects for a fourth seat", async () => {
    const before = await idsOf();
    assert.deepEqual(await comesUp(["alice", "bob", "carol", "dave"]), each("create", ["dave"]).sort());
    const after = await idsOf();
    for (const [urn, id] of Object.entries(before)) assert.equal(after[urn], id, urn);
  });

  it("touches no other seat when one is renamed", async () => {
    const changes = await comesUp(["alice", "bob", "carla", "dave"]);
    assert.deepEqual(changes, [...each("create", ["carla"]), ...each("delete", ["carol"])].sort());
  });

  it("recreates one machine at its old address", async () => {
    const before = (await seatOutputs())["bob"];
    const changes = await comesUp(["alice", "bob", "carla", "dave"], { rebuilds: { bob: 2 } });
    assert.ok(changes.includes("create Droplet bob-vm-2") && changes.includes("delete Droplet bob-vm"));
    assert.deepEqual(
      changes.filter((change) => !/ bob-/.test(change) || /ReservedIp bob|PrivateKey|Password/.test(change)),
      [],
    );
    const after = (await seatOutputs())["bob"];
    assert.deepEqual([after?.url, after?.password], [before?.url, before?.password]);
  });

  it("shows no secret in its state, its plans or its log", async () => {
    const seats = Object.values(await seatOutputs());
    assert.equal(seats.length, 4);
    const { text } = await engine.state(stack);
    assert.ok(
      text.includes("bob-vm-2") && printed.includes("class-alice"),
      "this test looks where things are",
    );
    for (const { password, sshPrivateKey, kubeconfig } of seats) {
      assert.match(password, /^\w{24}$/);
      assert.match(sshPrivateKey, /PRIVATE KEY/);
      for (const secret of [password, sshPrivateKey.split("\n")[1] ?? "", kubeconfig, "$argon2id$"])
        for (const form of [secret, Buffer.from(secret).toString("base64")]) {
          const inJson = JSON.stringify(form).slice(1, -1);
          assert.ok(form.length > 8, form);
          assert.equal(text.includes(inJson), false, "in the state");
          assert.equal(printed.includes(inJson) || printed.includes(form), false, "in what was printed");
        }
    }
    for (const secret of ["PRIVATE KEY-----", "dop_v1_a-token-of-tests"])
      assert.equal(text.includes(secret) || printed.includes(secret), false, secret);
  });

  it("has a handout", async () => {
    const folder = join(engine.sandbox.dir, "handout");
    const { code, out, err } = await engine.lab("handout", "--stack", stack, "--to", folder, "--json");
    assert.equal(code, 0, err);
    assert.deepEqual((JSON.parse(out) as { seats: string[] }).seats, ["alice", "bob", "carla", "dave"]);
    const page = join(folder, "seats", "carla.html");
    assert.ok(readFileSync(page, "utf8").includes((await seatOutputs())["carla"]?.password ?? "none"));
    assert.equal(statSync(page).mode & 0o777, 0o600);
  });

  it("rejects bad input with one message that has all problems, and changes nothing", async () => {
    const before = await engine.state(stack);
    engine.configure(stack, {
      ...common,
      seats: 0,
      region: "mars",
      expires: "2020-01-01T00:00:00Z",
      size: "huge",
    });
    const { code, out, err } = await engine.pulumi(["up", "--yes", "--stack", stack], {
      DIGITALOCEAN_TOKEN: "",
    });
    assert.notEqual(code, 0);
    const said = out + err;
    assert.match(said, /Pulumi\.class\.yaml has 5 problems:/);
    for (const key of [
      "digitalocean:token",
      ...["seats", "region", "expires", "size"].map((k) => `workshop.${k}`),
    ])
      assert.ok(said.includes(`${key}: got `), key);
    assert.doesNotMatch(said, /^\s+at .*:\d+:\d+/m);
    const ids = ({ resources }: typeof before) => resources.map(({ urn, id }) => [urn, id]);
    assert.deepEqual(ids(await engine.state(stack)), ids(before));
  });

  it("is removed, and leaves nothing", async () => {
    engine.configure(stack, { ...common, seats: ["alice"] });
    await engine.succeed(["destroy", "--yes", "--stack", stack]);
    assert.deepEqual(
      (await engine.state(stack)).resources.filter(({ type }) => !type.startsWith("pulumi:")),
      [],
    );
  });

  describe("with a VM that answers, in the test's hands", () => {
    let server: Server | undefined;
    let status: object;

    before(async function () {
      const dir = engine.sandbox.dir;
      const args = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=x";
      await execa("openssl", [...args.split(" "), "-keyout", join(dir, "key"), "-out", join(dir, "cert")]);
      const [key, cert] = ["key", "cert"].map((file) => readFileSync(join(dir, file)));
      server = createServer({ key, cert }, ({ url }, response) => {
        response.end(url === "/-/status.json" ? JSON.stringify(status) : "{}");
      });
      const isHeard = await new Promise<boolean>((resolve) => {
        server?.once("error", () => resolve(false)).listen(443, address, () => resolve(true));
      });
      if (!isHeard) {
        console.log(`      skipped: this account may not listen on ${address}:443`);
        this.skip();
      }
    });
    after(() => server?.close());

    const env = { FAASMESH_STANDIN_LOCAL: "run", FAASMESH_STANDIN_ADDRESS: address };
    const about = { seat: "alice", step: 8, steps: 12, title: "OpenFaaS", detail: "" };

    it("fails where the VM came up half, names the step, and goes on from there", async () => {
      engine.configure(stack, { ...common, seats: ["alice"] });
      status = { ...about, state: "failed", detail: "the download of k3s did not work: curl: (22)" };
      const { code, out, err } = await engine.pulumi(["up", "--yes", "--stack", stack], env);
      assert.notEqual(code, 0);
      assert.match(
        out + err,
        /VM of seat alice failed in step 8, OpenFaaS: the download of k3s did not work/,
      );
      assert.doesNotMatch(out + err, /require\("node:https"\)/);

      status = { ...about, state: "ready", step: 12 };
      await engine.succeed(["up", "--yes", "--stack", stack], env);
      assert.deepEqual((await engine.preview(stack)).changes, []);
      await engine.succeed(["destroy", "--yes", "--stack", stack]);
    });
  });
});
