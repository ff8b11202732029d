import { strict as assert } from "node:assert";
import * as pulumi from "@pulumi/pulumi";
import { stringify } from "yaml";
import { expiryTag } from "../../../clouds/sandbox";
import { checked, seatNames, type WorkshopVmArgs } from "../../../components/workshop-vm/args";
import { inboundRules } from "../../../components/workshop-vm/network";
import { hashed } from "../../../components/workshop-vm/password";
import { WorkshopVm } from "../../../components/workshop-vm/index";
import { UserError } from "../../../errors";
import { workshop } from "../../../stacks/workshop";
import { assertChildrenAreNamed, hidden, type OwnMocks, type Registry, run, valueOf } from "./mocks";

const admin = "203.0.113.7/32";
const minimal: WorkshopVmArgs = { seat: "alice", workshop: "class", region: "fra1", adminCidrs: [admin] };
const salt = Buffer.alloc(16, 7).toString("base64");
const passwordOf = (name: string): string => `password-of-${name}`;
const privateKeyOf = (name: string): string => `-----BEGIN OPENSSH PRIVATE KEY-----\nkey of ${name}\n`;
const kubeconfig = stringify({
  clusters: [{ name: "default", cluster: { server: "https://127.0.0.1:6443" } }],
  users: [{ name: "default", user: { "client-key-data": "the-cluster-key" } }],
  contexts: [{ name: "default", context: { cluster: "default", user: "default" } }],
  "current-context": "default",
});

const mocks: OwnMocks = {
  outputs: {
    "pulumi:providers:digitalocean": () => ({}),
    "digitalocean:index/tag:Tag": () => ({}),
    "digitalocean:index/sshKey:SshKey": () => ({ fingerprint: "the fingerprint" }),
    "digitalocean:index/firewall:Firewall": () => ({}),
    "digitalocean:index/droplet:Droplet": () => ({}),
    "digitalocean:index/reservedIp:ReservedIp": () => ({ ipAddress: "192.0.2.1" }),
    "digitalocean:index/reservedIpAssignment:ReservedIpAssignment": () => ({}),
    "digitalocean:index/dnsRecord:DnsRecord": () => ({}),
    "random:index/randomPassword:RandomPassword": (name) => ({ result: passwordOf(name) }),
    "random:index/randomBytes:RandomBytes": () => ({ base64: salt }),
    "tls:index/privateKey:PrivateKey": (name) => ({
      privateKeyOpenssh: privateKeyOf(name),
      publicKeyOpenssh: `ssh-ed25519 ${name}\n`,
    }),
    "command:local:Command": () => ({ stdout: "" }),
    "command:remote:Command": (name) => ({
      stdout: name.endsWith("-kubeconfig") ? kubeconfig : "sha256 Fingerprint=AA:BB\n",
    }),
  },
};

const vm = (args: Partial<WorkshopVmArgs> = {}) =>
  run(() => new WorkshopVm("alice", { ...minimal, ...args }), mocks);

const always = [
  "Command alice-kubeconfig",
  "Command alice-ready",
  "Droplet alice-vm",
  "Firewall alice-firewall",
  "PrivateKey alice-host",
  "PrivateKey alice-ssh",
  "RandomBytes alice-salt",
  "RandomPassword alice-password",
  "ReservedIp alice-address",
  "ReservedIpAssignment alice-address",
  "SshKey alice-ssh",
  "Tag alice-tag",
  "WorkshopVm alice",
];

describe("WorkshopVm", () => {
  const domain = { kind: "domain", domain: "class.example.com", zone: "example.com" } as const;
  const table: [string, Partial<WorkshopVmArgs>, string[]][] = [
    ["a VM", {}, always],
    ["a name in a zone", { tls: domain }, [...always, "DnsRecord alice-record"]],
    ["a certificate of its own", { tls: { kind: "self-signed" } }, [...always, "Command alice-fingerprint"]],
    [
      "another machine, once it is built anew",
      { build: 2 },
      always.map((id) => id.replace(/^Droplet .*/, "Droplet alice-vm-2")),
    ],
  ];
  for (const [title, args, ids] of table) {
    it(`creates ${title}, and nothing else`, async () => {
      const { made } = await vm(args);
      assert.deepEqual(made.ids, [...ids].sort());
      assertChildrenAreNamed(made);
    });
  }

  const urls: [Partial<WorkshopVmArgs>, string][] = [
    [{}, "https://192-0-2-1.sslip.io/"],
    [{ tls: domain }, "https://alice.class.example.com/"],
    [{ tls: { kind: "self-signed" } }, "https://192.0.2.1/"],
  ];
  for (const [args, url] of urls) {
    it(`is at ${url}`, async () => {
      const { result, made } = await vm(args);
      assert.equal(await valueOf(result.url), url);
      assert.equal(await valueOf(result.gatewayUrl), `${url.slice(0, -1)}:8443/`);
      assert.equal(made.input("Command alice-ready", "create"), url);
    });
  }

  it("puts its name into the zone, relative to it", async () => {
    const record = (made: Registry) => made.get("DnsRecord alice-record").inputs;
    const { domain: zone, name, value, type } = record((await vm({ tls: domain })).made);
    assert.deepEqual([zone, name, value, type], ["example.com", "alice.class", "192.0.2.1", "A"]);
    const whole = { ...domain, domain: "example.com" };
    assert.equal(record((await vm({ tls: whole })).made)["name"], "alice");
  });

  it("shows no secret: not in inputs, not in outputs", async () => {
    const { made, result } = await vm({ tls: { kind: "self-signed" } });
    const hash = await hashed(passwordOf("alice-password"), salt);
    const secrets = [passwordOf("alice-password"), hash, "the-cluster-key"];
    for (const secret of [...secrets, ...["alice-ssh", "alice-host"].map(privateKeyOf)])
      assert.deepEqual(made.showing(secret), [], secret);
    assert.equal(made.get("Droplet alice-vm").visibleInputs["userData"], hidden);
    assert.deepEqual(made.get("WorkshopVm alice").inputs, {});
    assert.equal(await valueOf(result.password), passwordOf("alice-password"));
    assert.match(await valueOf(result.kubeconfig), /the-cluster-key/);
  });

  it("gives user-data the password's hash and the host key, and no other secret", async () => {
    const { made } = await vm();
    const text = String(made.input("Droplet alice-vm", "userData"));
    assert.ok(text.includes(await hashed(passwordOf("alice-password"), salt)));
    assert.ok(text.includes("key of alice-host"));
    assert.equal(text.match(/PRIVATE KEY/g)?.length, 1);
    for (const secret of [passwordOf("alice-password"), "key of alice-ssh"])
      assert.equal(text.includes(secret), false, secret);
  });

  it("is closed before it begins, believed by its own host key, and ready before it is read", async () => {
    const { made } = await vm({ tls: domain });
    assert.ok(made.get("Droplet alice-vm").dependsOn.includes("Firewall alice-firewall"));
    assert.deepEqual(made.input("Firewall alice-firewall", "tags"), ["class-alice"]);
    assert.deepEqual(made.input("Droplet alice-vm", "tags"), ["class-alice"]);
    const ready = made.get("Command alice-ready");
    for (const id of ["ReservedIpAssignment alice-address", "DnsRecord alice-record"])
      assert.ok(ready.dependsOn.includes(id), id);
    assert.ok(made.get("Command alice-kubeconfig").dependsOn.includes("Command alice-ready"));
    const keyOf = made.input("Command alice-kubeconfig", "connection.hostKey");
    assert.equal(keyOf, "ssh-ed25519 alice-host");
  });

  it("replaces no machine for another cloud-init, key or image, and keeps its address", async () => {
    const { made } = await vm();
    assert.deepEqual(made.get("Droplet alice-vm").ignoreChanges, ["userData", "sshKeys", "image"]);
    assert.deepEqual(made.get("ReservedIp alice-address").ignoreChanges, ["dropletId"]);
    assert.equal("dropletId" in made.get("ReservedIp alice-address").inputs, false);
  });

  it("trusts a certificate of the VM's own only where there is no other", async () => {
    const trust = async (args: Partial<WorkshopVmArgs>) =>
      (await vm(args)).made.input("Command alice-ready", "environment.READY_TRUST");
    assert.deepEqual(
      [await trust({}), await trust({ tls: domain }), await trust({ tls: { kind: "self-signed" } })],
      ["known", "known", "any"],
    );
    const { result } = await vm({ tls: { kind: "self-signed" } });
    assert.equal(await valueOf(result.fingerprint), "AA:BB");
  });

  it("waits as long as it was told to, and shows nothing of what its commands print", async () => {
    const { made } = await vm({ readyWithin: 300, tls: { kind: "self-signed" } });
    assert.equal(made.input("Command alice-ready", "environment.READY_WITHIN"), "300");
    for (const { id, inputs } of made.ofKind("Command"))
      assert.deepEqual([inputs["logging"], inputs["addPreviousOutputInEnv"]], ["none", false], id);
  });

  it("is watched, and has the machine that was requested", async () => {
    const { made } = await vm({
      ...{ region: "lon1", size: "s-4vcpu-8gb", image: "debian-12-x64" },
      tags: ["class", "expires-x"],
    });
    const { monitoring, size, image, region, name, tags, dropletAgent } = made.get("Droplet alice-vm").inputs;
    assert.deepEqual(
      { monitoring, size, image, region, name, tags, dropletAgent },
      {
        monitoring: true,
        size: "s-4vcpu-8gb",
        image: "debian-12-x64",
        region: "lon1",
        name: "class-alice",
        tags: ["class-alice", "class", "expires-x"],
        dropletAgent: false,
      },
    );
  });

  const refused: [Partial<WorkshopVmArgs>, RegExp][] = [
    [{ seat: "Alice" }, /seat: got "Alice", expected at most 30 lower-case letters/],
    [{ adminCidrs: [] }, /adminCidrs: got \[\], expected at least one range/],
    [
      { adminCidrs: ["0.0.0.0/0"] },
      /adminCidrs: got \["0.0.0.0\/0"\], expected ranges .* not the whole internet/,
    ],
    [{ adminCidrs: ["192.0.2.1/99"] }, /adminCidrs: got \["192.0.2.1\/99"\], expected ranges in CIDR/],
    [
      { tls: { kind: "domain", domain: "$(x)", zone: "$(x)" } },
      /tls: .* expected a domain and a zone that are/,
    ],
    [{ tls: { kind: "domain", domain: "a.example.com", zone: "b.org" } }, /tls: .* expected a domain in the/],
    [{ tls: { ...domain, email: "a b;c" } }, /tls: .* expected an email address/],
    [{ repository: "https://u:p@h/x" }, /repository: .* expected an https:\/\/ URL without/],
    [{ mirror: "http://a/'b" }, /mirror: got "http:\/\/a\/'b", expected an http/],
    [{ folder: "a b" }, /folder: got "a b", expected the name of a folder/],
    [{ build: 0 }, /build: got 0, expected a whole number of at least 1/],
  ];
  for (const [args, message] of refused) {
    it(`rejects ${JSON.stringify(args)} before anything is created`, async () => {
      const { made } = await run(() => {
        assert.throws(
          () => new WorkshopVm("alice", { ...minimal, ...args }),
          (error) => error instanceof UserError && message.test(error.message),
        );
      }, mocks);
      assert.deepEqual(made.ids, []);
    });
  }
});

describe("a workshop VM: what is open", () => {
  const lines = (cidrs: string[]) =>
    inboundRules({ adminCidrs: cidrs }).map(
      ({ protocol, portRange, sourceAddresses }) =>
        `${portRange}/${protocol} from ${sourceAddresses.join(" and ")}`,
    );
  const everywhere = "0.0.0.0/0 and ::/0";
  const web = [`80/tcp from ${everywhere}`, `443/tcp from ${everywhere}`, `8443/tcp from ${everywhere}`];
  const table: [string, string[], string[]][] = [
    ["to one administrator", [admin], [`22/tcp from ${admin}`, `6443/tcp from ${admin}`, ...web]],
    [
      "to two",
      [admin, "2001:db8::/32"],
      [`22/tcp from ${admin} and 2001:db8::/32`, `6443/tcp from ${admin} and 2001:db8::/32`, ...web],
    ],
  ];
  for (const [title, cidrs, expected] of table) it(title, () => assert.deepEqual(lines(cidrs), expected));

  it("is what the firewall gets, and nothing else", async () => {
    const { made } = await vm();
    const { inboundRules: rules } = made.get("Firewall alice-firewall").inputs;
    assert.deepEqual(rules, inboundRules(checked(minimal)));
  });
});

describe("a workshop", () => {
  const config = {
    name: "class",
    region: "fra1",
    size: "s-2vcpu-4gb",
    image: "ubuntu-24-04-x64",
    expires: "2027-03-01T18:00:00Z",
    adminCidrs: [admin],
    tls: { kind: "sslip" },
    linkerd: false,
    knative: false,
    folder: "workshop",
    readyMinutes: 20,
    rebuilds: {},
  } as const;
  const stack = (seats: number | string[], more: object = {}, token?: string) =>
    run(
      () =>
        workshop({
          stack: "workshop",
          workshop: { ...config, ...more, adminCidrs: [admin], seats },
          ...(token !== undefined && { token }),
        }),
      mocks,
    );
  const ownOf = ({ all }: Registry, seat: string) =>
    all.filter(({ name }) => name === seat || name.startsWith(`${seat}-`)).map(({ id }) => id);

  it("has a VM for each name, and tags that say whose it is and when it is over", async () => {
    const { made } = await stack(["alice", "bob"]);
    assert.deepEqual(
      made.ofKind("WorkshopVm").map(({ name }) => name),
      ["alice", "bob"],
    );
    const tags = ["class-bob", "class", "expires-2027-03-01t18-00-00z"];
    assert.deepEqual(made.input("Droplet bob-vm", "tags"), tags);
    assert.equal(made.ids.length, 3 + 2 * always.length);
  });

  it("adds one VM's objects for one more seat, and changes nothing of the others", async () => {
    const three = (await stack(["alice", "bob", "carol"])).made;
    const four = (await stack(["alice", "bob", "carol", "dave"])).made;
    const more = four.ids.filter((id) => !three.ids.includes(id));
    assert.deepEqual(more, ownOf(four, "dave").sort());
    assert.equal(more.length, always.length);
    for (const before of three.all) {
      const after = four.get(before.id);
      assert.deepEqual([after.inputs, after.dependsOn], [before.inputs, before.dependsOn], before.id);
    }
  });

  it("has seats that know nothing of each other", async () => {
    const { made } = await stack(["alice", "bob", "carol"]);
    for (const seat of ["alice", "bob", "carol"]) {
      const shared = ["Tag workshop", "Tag expiry", "digitalocean digitalocean"];
      const known = [...ownOf(made, seat), ...shared];
      for (const id of ownOf(made, seat))
        assert.deepEqual(
          made.get(id).dependsOn.filter((other) => !known.includes(other)),
          [],
          id,
        );
    }
  });

  it("recreates one machine, and leaves its address and all others", async () => {
    const before = (await stack(["alice", "bob"])).made;
    const after = (await stack(["alice", "bob"], { rebuilds: { bob: 2 } })).made;
    assert.deepEqual(
      after.ids.filter((id) => !before.ids.includes(id)),
      ["Droplet bob-vm-2"],
    );
  });

  it("waits for its VMs as long as it was told to", async () => {
    const { made } = await stack(["alice"], { readyMinutes: 5 });
    assert.equal(made.input("Command alice-ready", "environment.READY_WITHIN"), "300");
  });

  it("keeps within the provider's rate, with a token that no one sees", async () => {
    const { made } = await stack(["alice"], {}, "dop_v1_a-token");
    const provider = made.get("digitalocean digitalocean");
    assert.deepEqual([provider.inputs["requestsPerSecond"], provider.inputs["httpRetryMax"]], ["4", "10"]);
    assert.deepEqual(made.showing("dop_v1_a-token"), []);
    assert.deepEqual(
      made.all
        .filter(
          ({ type, provider: own }) => /^digitalocean:/.test(type) && !own.includes("id of digitalocean"),
        )
        .map(({ id }) => id),
      [],
    );
  });

  it("reports addresses openly, and all that is secret as secrets", async () => {
    const { result } = await stack(1);
    const {
      urls,
      seats,
      workshop: about,
    } = result as {
      urls: Record<string, pulumi.Output<string>>;
      seats: pulumi.Output<Record<string, Record<string, string>>>;
      workshop: object;
    };
    assert.equal(await valueOf(urls["seat-01"] ?? assert.fail()), "https://192-0-2-1.sslip.io/");
    assert.equal(await pulumi.isSecret(seats), true);
    const { "seat-01": seat } = await valueOf(seats);
    assert.equal(seat?.["password"], passwordOf("seat-01-password"));
    assert.equal(
      seat?.["sshCommand"],
      "ssh -i seat-01.key -o UserKnownHostsFile=seat-01.known_hosts root@192.0.2.1",
    );
    assert.equal(seat?.["knownHost"], "192.0.2.1 ssh-ed25519 seat-01-host");
    assert.deepEqual(about, {
      name: "class",
      region: "fra1",
      size: "s-2vcpu-4gb",
      expires: "2027-03-01T18:00:00Z",
      seats: 1,
    });
  });

  it("numbers seats so that more of them rename none", () => {
    assert.deepEqual(seatNames(3), ["seat-01", "seat-02", "seat-03"]);
    assert.deepEqual(seatNames(12).slice(0, 3), seatNames(3));
    assert.deepEqual(seatNames(["b", "a"]), ["b", "a"]);
  });

  it("reports its expiry in what a tag can contain, whatever the time zone", () => {
    for (const text of ["2027-03-01T18:00:00Z", "2027-03-01T19:00:00+01:00", "2027-03-01T18:00Z"])
      assert.equal(expiryTag(text), "expires-2027-03-01t18-00-00z");
  });

  it("plans fifty seats in seconds", async function () {
    this.timeout(120_000);
    // Of this process alone: other work on the machine says nothing of the program.
    const before = process.cpuUsage();
    const { made } = await stack(50);
    const { user, system } = process.cpuUsage(before);
    const seconds = (user + system) / 1e6;
    assert.equal(made.ofKind("Droplet").length, 50);
    assert.ok(seconds < 15, `${seconds} s`);
    console.log(`      fifty seats: ${seconds.toFixed(1)} s of CPU in the program`);
  });
});

describe("the password's hash", () => {
  it("is Argon2id's, the same for the same salt, another for another", async () => {
    const hash = await hashed("a password", salt);
    assert.match(hash, /^\$argon2id\$v=19\$m=\d+,t=\d+,p=1\$[\w+/]+\$[\w+/]+$/);
    assert.equal(await hashed("a password", salt), hash);
    assert.notEqual(await hashed("a password", Buffer.alloc(16, 8).toString("base64")), hash);
    assert.notEqual(await hashed("another", salt), hash);
  });
});
