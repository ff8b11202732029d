import assert from "node:assert/strict";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import type { LabRecord } from "../../cli/lab/lab";
import type { ListedLab } from "../../cli/lab/list";
import type { ReapResult } from "../../cli/lab/reap";
import { Clouds } from "./clouds";
import { type Result, Sandbox } from "./harness";

/** What a lab in a cloud is made of: one server, with the Gateway API on it. */
const config = {
  "faasmesh:cluster": { kind: "k3s", region: "fra1", adminCidrs: ["198.18.0.1/32"], agents: 0 },
  "faasmesh:mesh": { enabled: false },
  "faasmesh:openfaas": { enabled: false },
};
const hour = 3_600_000;
const inHours = (hours: number) => new Date(Date.now() + hours * hour).toISOString();

describe("sandboxes that end, with stand-ins for clouds", () => {
  let sandbox: Sandbox;
  let clouds: Clouds;
  let file: string;
  /** Backends that machines share: the second one is a copy of the first, with the lab in it. */
  let first: string;
  let second: string;

  before(async () => {
    sandbox = new Sandbox();
    await sandbox.bareCluster("host", "--ttl", "4h");
    clouds = new Clouds(sandbox);
    await clouds.prepare("host");
    file = join(sandbox.checkout, "Pulumi.small.yaml");
    writeFileSync(file, stringify({ config }));
    [first, second] = ["first", "second"].map((name) => join(sandbox.dir, name)) as [string, string];
    mkdirSync(first);
  });
  after(async () => {
    rmSync(join(sandbox.labs, "other"), { recursive: true, force: true });
    await sandbox.remove();
  });

  const token = { DIGITALOCEAN_TOKEN: "dop_v1_a-token-of-tests" };
  /** The lab command on a machine of its own, with labs of its own. */
  const on = (machine: string, ...args: string[]): Promise<Result> =>
    clouds.lab(args, { ...token, FAASMESH_LABS: join(sandbox.dir, machine), FAASMESH_OWNER: "team" });

  async function json<T>(machine: string, ...args: string[]): Promise<T> {
    const { code, out, err } = await on(machine, ...args, "--json");
    assert.equal(code, 0, `lab ${args.join(" ")}:\n${err}\n${out}`);
    return JSON.parse(out) as T;
  }

  const reap = async (machine: string, ...args: string[]) => {
    const { code, out, err } = await on(machine, "reap", ...args, "--json");
    const { labs } = JSON.parse(out || "{}") as { labs: ReapResult[] };
    const outcomes = Object.fromEntries(labs.map(({ name, outcome }) => [name, outcome]));
    return { code, err, labs, outcomes };
  };

  const pulumi = (backend: string, ...args: string[]) => clouds.succeedOn(backend, ...args);

  /** Says of a lab on a backend what another machine would have said: time passes, and clouds are not needed. */
  async function tell(backend: string, name: string, known: object): Promise<void> {
    const facts = { cluster: "k3s", owner: "team", created: inHours(-9), expires: inHours(-1), ...known };
    await pulumi(backend, "stack", "tag", "set", "faasmesh:lab", JSON.stringify(facts), "--stack", name);
  }

  /** Locks a stack, as the engine does for a run. */
  function lock(backend: string, name: string, since: string): void {
    const folder = join(backend, ".pulumi", "locks", "organization", "faasmesh", name);
    mkdirSync(folder, { recursive: true });
    const content = { pid: 1, username: "root", hostname: "ci-9", timestamp: since };
    writeFileSync(join(folder, "0b5ee1a5-0000-4000-8000-000000000000.json"), JSON.stringify(content));
  }

  const stacksOf = (backend: string) => {
    const files = readdirSync(join(backend, ".pulumi", "stacks", "faasmesh"));
    return files.flatMap((each) => /^([^.]+)\.json$/.exec(each)?.[1] ?? []).sort();
  };

  it("are rejected where anything is missing, all at once, and nothing is created", async () => {
    const { code, err } = await clouds.lab(["up", "--name", "cloudy", "--env", "k3s"], {
      DIGITALOCEAN_TOKEN: "",
      FAASMESH_LABS: join(sandbox.dir, "alice"),
    });
    assert.equal(code, 1, err);
    assert.match(
      err,
      /--ttl: got no expiry[^]*DIGITALOCEAN_TOKEN: got nothing[^]*adminCidrs: got [^]*an example/,
    );
    assert.equal(existsSync(join(sandbox.dir, "alice", "cloudy")), false);
  });

  it("come up in a cloud, whose machines say which lab they are of, and until when", async () => {
    const options = ["--name", "cloudy", "--config", file, "--ttl", "4h", "--backend", `file://${first}`];
    await json("alice", "up", ...options);
    cpSync(first, second, { recursive: true });
    const state = readFileSync(join(first, ".pulumi", "stacks", "faasmesh", "cloudy.json"), "utf8");
    const [{ expires, ...lab }] = (await json<ListedLab[]>("alice", "list")) as [ListedLab];
    assert.deepEqual(
      [lab.name, lab.cluster, lab.owner, lab.status, lab.costSoFar],
      ["cloudy", "k3s", "team", "up", 0],
    );
    // It is minutes old: what counts is that its price is known.
    const record = readFileSync(join(sandbox.dir, "alice", "cloudy", "lab.json"), "utf8");
    assert.match(record, /"perHour": 0\.\d*[1-9]/);
    assert.ok(Math.abs(Date.parse(expires!) - Date.now() - 4 * hour) < 600_000, `it ends at ${expires}`);
    assert.ok(state.includes('"lab-cloudy"'), "the tag of the lab");
    assert.ok(
      state.includes(`"expires-${expires!.toLowerCase().replaceAll(":", "-")}"`),
      "the tag of the expiry",
    );
    assert.match(readFileSync(join(sandbox.dir, "alice", "cloudy", "kubeconfig"), "utf8"), /faasmesh-cloudy/);
    assert.match(await sandbox.kubectl("host", "get", "crd", "-o", "name"), /gateways\.gateway/);
  });

  it("are destroyed by `down`, all of them, and leave nothing", async () => {
    await json("alice", "down", "--name", "cloudy");
    assert.deepEqual(stacksOf(first), []);
    assert.equal(existsSync(join(sandbox.dir, "alice", "cloudy")), false);
    assert.doesNotMatch(await sandbox.kubectl("host", "get", "crd", "-o", "name"), /gateways\.gateway/);
  });

  it("of this machine go when they have expired, and the others stay", async () => {
    const record = join(sandbox.labs, "host", "lab.json");
    const known = JSON.parse(readFileSync(record, "utf8")) as LabRecord;
    mkdirSync(join(sandbox.labs, "other"));
    writeFileSync(
      join(sandbox.labs, "other", "lab.json"),
      JSON.stringify({ ...known, name: "other", protected: true }),
    );
    writeFileSync(record, JSON.stringify({ ...known, expires: inHours(-1) }));
    const result = await sandbox.json<{ labs: ReapResult[] }>("reap", "--yes");
    assert.deepEqual(
      result.labs.map(({ name, outcome }) => `${name} ${outcome}`),
      ["host destroyed", "other left"],
    );
    assert.deepEqual(await sandbox.processes(), []);
    assert.deepEqual(sandbox.labFolders(), ["other"]);
  });

  describe("on a backend that machines share", () => {
    const backend = () => ["--backend", `file://${second}`];

    before(async () => {
      await tell(second, "cloudy", {});
      const others = {
        young: { expires: inHours(1) },
        kept: { protected: true },
        endless: { expires: null },
        bobs: { owner: "bob" },
        saved: {},
        nogcp: { cluster: "gke" },
        elsewhere: { cluster: "simulated" },
        locked: {},
        dead: {},
      };
      for (const [name, known] of Object.entries(others)) {
        await pulumi(second, "stack", "init", name);
        await tell(second, name, known);
      }
      await pulumi(second, "stack", "init", "production");
      lock(second, "locked", inHours(0));
      lock(second, "dead", inHours(-3));
      // As a reaper that was killed has left it.
      await pulumi(second, "stack", "tag", "set", "faasmesh:reaper", "killed", "--stack", "cloudy");
    });

    it("are saved by an extension", async () => {
      const lab = await json<{ expires: string }>(
        "ci-1",
        "extend",
        "--name",
        "saved",
        "--ttl",
        "2h",
        ...backend(),
      );
      assert.ok(Date.parse(lab.expires) > Date.now() + hour);
    });

    it("are only shown without --yes", async () => {
      const before = stacksOf(second);
      const { code, outcomes } = await reap("ci-1", ...backend());
      assert.equal(code, 0);
      const left = {
        bobs: "left",
        elsewhere: "left",
        endless: "left",
        kept: "left",
        saved: "left",
        young: "left",
      };
      const due = { cloudy: "expired", dead: "expired", locked: "expired", nogcp: "expired" };
      assert.deepEqual(outcomes, { ...due, ...left });
      assert.deepEqual(stacksOf(second), before);
    });

    it("go when they have expired, from machines that have never seen them, two of which do no harm", async () => {
      const both = await Promise.all(["ci-1", "ci-2"].map((machine) => reap(machine, "--yes", ...backend())));
      const of = (name: string) => both.map(({ outcomes }) => outcomes[name]).sort();
      const said = JSON.stringify(both, null, 1);
      // A lock that was taken long ago is one of a run that was killed.
      for (const name of ["cloudy", "dead"]) {
        assert.equal(of(name).filter((outcome) => outcome === "destroyed").length, 1, said);
        assert.ok(!of(name).includes("failed"), said);
      }
      // A lab that is being brought up has a lock, and is left to it.
      assert.ok(of("locked").includes("busy") && !of("locked").includes("destroyed"), said);
      assert.match(said, /Another run is changing the stack: root@ci-9 \(process 1\) since /);
      // One that cannot be destroyed is told, and keeps no other.
      assert.deepEqual(of("nogcp"), ["failed", "failed"], said);
      assert.deepEqual(
        both.map(({ code }) => code),
        [1, 1],
      );
      for (const { labs } of both)
        assert.match(labs.find(({ name }) => name === "nogcp")?.why ?? "", /GOOGLE_APPLICATION_CREDENTIALS/);
      const kept = [
        "bobs",
        "elsewhere",
        "endless",
        "kept",
        "locked",
        "nogcp",
        "production",
        "saved",
        "young",
      ];
      assert.deepEqual(stacksOf(second), kept, said);
    });
  });
});
