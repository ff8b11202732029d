import { strict as assert } from "node:assert";
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { checked } from "../../../components/workshop-vm/args";
import { userData, userDataLimit } from "../../../components/workshop-vm/cloud-init";
import { projectRoot } from "../../../paths";
import { k3s, tools, vmDownloads } from "../../../versions";
import { everyOption, secretsOf, settingsOf } from "../workshop-options";

const folder = join(projectRoot, "components", "workshop-vm", "cloud-init");

interface CloudConfig {
  ssh_keys: Record<string, string>;
  ssh_pwauth: boolean;
  ssh_deletekeys: boolean;
  runcmd: string[][];
  write_files: { path: string; content: string; permissions?: string }[];
}

const configOf = (args: Parameters<typeof settingsOf>[0] = {}): CloudConfig =>
  parse(userData(settingsOf(args), secretsOf())) as CloudConfig;
const file = (config: CloudConfig, path: string): string =>
  config.write_files.find((each) => each.path === path)?.content ?? assert.fail(`there is no ${path}`);

describe("a workshop VM's cloud-init", () => {
  for (const [title, args] of everyOption()) {
    it(`fits and is whole: ${title}`, () => {
      const text = userData(settingsOf(args), secretsOf());
      assert.match(text, /^#cloud-config\n/);
      assert.ok(Buffer.byteLength(text) < userDataLimit, `${Buffer.byteLength(text)} bytes`);
      const { write_files: files } = parse(text) as CloudConfig;
      const paths = files.map(({ path }) => path);
      assert.equal(new Set(paths).size, paths.length);
      assert.equal(paths.includes("/etc/faasmesh/knative.yaml"), args.knative === true);
    });
  }

  it("is the same for the same seat", () => {
    const text = () => userData(settingsOf({ knative: true }), secretsOf());
    assert.equal(text(), text());
  });

  it("contains the host key and the password's hash, and no other secret", () => {
    const config = configOf();
    assert.deepEqual(config.ssh_keys, {
      ed25519_private: "THE HOST KEY\n",
      ed25519_public: "ssh-ed25519 host",
    });
    const { permissions, content } =
      config.write_files.find(({ path }) => path === "/etc/faasmesh/code-server.yaml") ?? assert.fail();
    assert.equal(permissions, "0600");
    const code = parse(content) as Record<string, unknown>;
    assert.equal(code["hashed-password"], "$argon2id$the-hash");
    assert.equal("password" in code, false);
    assert.deepEqual([code["bind-addr"], code["auth"], code["cert"]], ["127.0.0.1:8080", "password", false]);
  });

  it("pins k3s, without what opens ports to others", () => {
    const config = parse(file(configOf(), "/etc/rancher/k3s/config.yaml")) as Record<string, unknown>;
    assert.deepEqual(config["disable"], ["traefik", "servicelb"]);
    assert.deepEqual(config["tls-san"], ["203.0.113.10"]);
    assert.deepEqual(config["kube-proxy-arg"], ["nodeport-addresses=127.0.0.0/8"]);
    assert.match(file(configOf(), "/etc/systemd/system/k3s.service"), /k3s server[^]*Restart=always/);
    const line = `k3s ${vmDownloads.k3s.url} sha256:${vmDownloads.k3s.check.sha256}`;
    assert.ok(file(configOf(), "/etc/faasmesh/downloads").split("\n").includes(line));
    assert.ok(vmDownloads.k3s.url.includes(k3s.replace("+", "%2B")));
  });

  it("downloads what its options need, each pinned and checked", () => {
    const names = (args: Parameters<typeof settingsOf>[0]) =>
      file(configOf(args), "/etc/faasmesh/downloads")
        .trim()
        .split("\n")
        .map((line) => {
          const [name = "", url = "", check = "", ...rest] = line.split(" ");
          assert.deepEqual(rest, []);
          assert.match(url, /^https:\/\/\S*\d+\.\d+\.\d+\S*$/, name);
          assert.match(check, /^(sha256:[0-9a-f]{64}|sums:https:\/\/\S+)$/, name);
          return name;
        });
    const always = ["caddy", "k3s", "code-server", "kubectl", "faas-cli", "arkade", "linkerd"];
    assert.deepEqual(names({}), always);
    assert.deepEqual(names({ linkerd: true }), [...always, "gateway-api"]);
    assert.deepEqual(names({ knative: true }), [...always, "knative-serving", "kourier"]);
    assert.ok(vmDownloads["code-server"].url.includes(tools["code-server"]));
  });

  const directives: [Parameters<typeof settingsOf>[0], string][] = [
    [{ tls: { kind: "self-signed" } }, "tls /etc/faasmesh/tls/cert.pem /etc/faasmesh/tls/key.pem\n"],
    [{ tls: { kind: "sslip" } }, "tls {\n\tissuer acme {\n\t}\n}\n"],
    [
      { tls: { kind: "domain", domain: "c.example.com", zone: "example.com", email: "a@example.com" } },
      "tls {\n\tissuer acme {\n\t\temail a@example.com\n\t}\n}\n",
    ],
  ];
  for (const [args, directive] of directives) {
    it(`has certificates of kind ${args.tls?.kind}`, () =>
      assert.equal(file(configOf(args), "/etc/caddy/tls.caddy"), directive));
  }

  it("runs VS Code as who sits there, without rights and on loopback alone, and Caddy as another", () => {
    const unit = (name: string) => file(configOf(), `/etc/systemd/system/${name}.service`);
    assert.match(unit("code-server"), /^User=workshop$[^]*^NoNewPrivileges=yes$/m);
    assert.match(unit("caddy"), /^User=caddy$[^]*^CapabilityBoundingSet=CAP_NET_BIND_SERVICE$/m);
    assert.match(unit("k3s"), /^Requires=faasmesh-metadata\.service$/m);
    assert.match(file(configOf(), "/etc/faasmesh/metadata.nft"), /meta skuid 1500 counter reject/);
    assert.match(file(configOf(), "/etc/faasmesh/vm.env"), /^WORKSHOP_UID='1500'$/m);
  });

  it("lets no one in by a password over SSH", () => {
    const config = configOf();
    assert.deepEqual([config.ssh_pwauth, config.ssh_deletekeys], [false, true]);
    const lines = file(config, "/etc/ssh/sshd_config.d/10-faasmesh.conf").split("\n");
    for (const line of [
      "PasswordAuthentication no",
      "KbdInteractiveAuthentication no",
      "PermitRootLogin prohibit-password",
    ])
      assert.ok(lines.includes(line), line);
  });

  it("has services that come again, after a problem and with the machine", () => {
    for (const name of ["caddy", "code-server", "k3s"])
      assert.match(
        file(configOf(), `/etc/systemd/system/${name}.service`),
        /^Restart=always$[^]*^WantedBy=multi-user\.target$/m,
        name,
      );
  });

  it("has none of the problems of the guide's script", () => {
    const text = userData(settingsOf({ linkerd: true, knative: true }), secretsOf());
    const problems = [
      /curl[^\n]*\|\s*(sudo )?(ba)?sh/,
      /chmod (-R )?777/,
      /--privileged/,
      /docker\.sock/,
      /0\.0\.0\.0:/,
    ];
    for (const problem of problems) assert.doesNotMatch(text, problem);
  });

  for (const name of readdirSync(folder).filter((each) => each.endsWith(".sh"))) {
    it(`${name} is clean for shellcheck`, function () {
      const { status, error, stdout } = spawnSync("shellcheck", ["-x", name], {
        cwd: folder,
        encoding: "utf8",
      });
      if (error) this.skip();
      assert.equal(status, 0, stdout);
    });
  }

  it("closes the metadata service with rules that nft takes", function () {
    const { status, error, stderr } = spawnSync("nft", ["--check", "--file", join(folder, "metadata.nft")]);
    if (error || /Operation not permitted/.test(String(stderr))) this.skip();
    assert.equal(status, 0, String(stderr));
  });

  it("rejects settings that would not be a line of its environment", () => {
    const bad = () => checked({ ...settingsOf({}), repository: "https://h/'; reboot #" });
    assert.throws(bad, /repository/);
  });
});

describe("a workshop VM's downloads", function () {
  this.timeout(30_000);
  const content = "the program\n";
  const sum = (algorithm: string) => createHash(algorithm).update(content).digest("hex");
  let prefix: string;
  let server: Server;
  let url: string;
  let asked: string[];
  /** What the server answers: by path, a body, a status, or a list of these, one after another. */
  let answers: Record<string, string | number | (string | number)[]>;

  before(async () => {
    server = createServer(({ url: path = "" }, response) => {
      asked.push(path);
      const given = answers[path] ?? 404;
      const answer = Array.isArray(given) ? (given.length > 1 ? given.shift() : given[0]) : given;
      if (typeof answer === "number") response.writeHead(answer).end();
      else response.end(answer);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => server.close());
  beforeEach(() => {
    prefix = mkdtempSync(join(tmpdir(), "downloads-"));
    asked = [];
  });
  afterEach(() => rmSync(prefix, { recursive: true }));

  const path = (...parts: string[]) => join(prefix, ...parts);
  const status = () =>
    JSON.parse(readFileSync(path("var/lib/faasmesh/www/-/status.json"), "utf8")) as Record<string, unknown>;

  /** Runs a line of bash with common.sh, where the table of downloads has one program. */
  async function bash(line: string, check: string, mirror = ""): Promise<{ code: number; err: string }> {
    for (const each of ["etc/faasmesh", "var/lib/faasmesh/www/-", "var/lib/faasmesh/installed", "var/log"])
      mkdirSync(path(each), { recursive: true });
    writeFileSync(path("etc/faasmesh/vm.env"), `WORKSHOP_SEAT='alice'\nWORKSHOP_MIRROR='${mirror}'\n`);
    const program = mirror === "" ? `${url}/program` : "https://example.com/program";
    writeFileSync(
      path("etc/faasmesh/downloads"),
      `other ${url}/other sha256:0\nprogram ${program} ${check}\n`,
    );
    const child = spawn("bash", ["-euo", "pipefail", "-c", `. ${join(folder, "common.sh")}; ${line}`], {
      // Bash reads its user's own files where its input is a socket, as it is from Node.js.
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        ...process.env,
        FAASMESH_PREFIX: prefix,
        WORKSHOP_TRIES: "3",
        WORKSHOP_PAUSE: "0",
        STEP_NUMBER: "6",
        STEP_COUNT: "12",
        STEP_TITLE: "Tools",
      },
    });
    let err = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => (err += text));
    return new Promise((resolve) => child.on("close", (code) => resolve({ code: code ?? -1, err })));
  }
  const fetch = `fetch program ${"$prefix"}/program && fetched program`;

  const right: [string, () => string][] = [
    ["a pinned SHA-256", () => `sha256:${sum("sha256")}`],
    ["a release's lone SHA-256", () => `sums:${url}/lone`],
    ["a release's list", () => `sums:${url}/list`],
    ["a release's list of SHA-512", () => `sums:${url}/list512`],
  ];
  for (const [title, check] of right) {
    it(`are checked by ${title}`, async () => {
      answers = {
        "/program": content,
        "/lone": `${sum("sha256")}\n`,
        "/list": `${"0".repeat(64)}  another\n${sum("sha256")} *bin/program\n`,
        "/list512": `${"0".repeat(128)}  program.sig\n${sum("sha512")}  program\n`,
      };
      assert.deepEqual(await bash(fetch, check()), { code: 0, err: "" });
      assert.equal(readFileSync(path("program"), "utf8"), content);
    });
  }

  it("are tried again", async () => {
    answers = { "/program": [503, "half", content] };
    assert.deepEqual(await bash(fetch, `sha256:${sum("sha256")}`), { code: 0, err: "" });
    assert.equal(asked.length, 3);
    assert.match(String(status()["detail"]), /^try 2 of 3 did not work/);
  });

  const wrong: [string, Record<string, string | number>, string, RegExp][] = [
    [
      "are not there",
      {},
      `sha256:${"0".repeat(64)}`,
      /the download of program did not work: curl: \(22\).*404.*program\)/,
    ],
    [
      "are another thing",
      { "/program": "forged" },
      `sha256:${"0".repeat(64)}`,
      /program is not what its checksum says/,
    ],
    [
      "have no checksum",
      { "/program": content, "/sums": "nothing here\n" },
      "sums:URL/sums",
      /there is no checksum of/,
    ],
    ["have no list of checksums", { "/program": content }, "sums:URL/sums", /404/],
  ];
  for (const [title, given, check, message] of wrong) {
    it(`are rejected and named after three tries where they ${title}`, async () => {
      answers = given;
      const { code, err } = await bash(fetch, check.replace("URL", url));
      assert.equal(code, 1);
      assert.match(err, message);
      assert.match(readFileSync(path("var/lib/faasmesh/failure"), "utf8"), message);
      assert.equal(asked.filter((each) => each === "/program").length, 3);
      assert.equal(existsSync(path("program")), false);
    });
  }

  it("are not had twice, but for another pin", async () => {
    answers = { "/program": content };
    await bash(fetch, `sha256:${sum("sha256")}`);
    const again = `${fetch} || echo there >&2`;
    assert.deepEqual(await bash(again, `sha256:${sum("sha256")}`), { code: 0, err: "there\n" });
    assert.equal(asked.length, 1);
    answers = { "/program": "newer", "/lone": createHash("sha256").update("newer").digest("hex") };
    assert.deepEqual(await bash(again, `sums:${url}/lone`), { code: 0, err: "" });
    assert.equal(readFileSync(path("program"), "utf8"), "newer");
  });

  it("come from a mirror, by host and path", async () => {
    answers = { "/m/example.com/program": content };
    assert.deepEqual(await bash(fetch, `sha256:${sum("sha256")}`, `${url}/m`), { code: 0, err: "" });
  });
});

describe("a workshop VM's set-up", function () {
  this.timeout(60_000);
  let prefix: string;
  const path = (...parts: string[]) => join(prefix, ...parts);
  const lib = (...parts: string[]) => path("var/lib/faasmesh", ...parts);
  const steps = "packages metadata account address https tools k3s openfaas folder code check".split(" ");
  const status = () =>
    JSON.parse(readFileSync(lib("www/-/status.json"), "utf8")) as Record<string, string | number>;

  beforeEach(() => {
    prefix = mkdtempSync(join(tmpdir(), "set-up-"));
    for (const each of ["etc/faasmesh", "opt/faasmesh", "var/lib/faasmesh", "var/log", "bin"])
      mkdirSync(path(each), { recursive: true });
    for (const name of ["setup.sh", "common.sh", "index.html"])
      cpSync(join(folder, name), path("opt/faasmesh", name));
    writeFileSync(path("etc/faasmesh/vm.env"), file(configOf(), "/etc/faasmesh/vm.env"));
    writeFileSync(path("bin/systemctl"), "#!/bin/sh\n", { mode: 0o755 });
  });
  afterEach(() => rmSync(prefix, { recursive: true }));

  /** Runs setup.sh with steps that do nothing, but for the first. */
  function setUp(first: string, env: Record<string, string> = {}): { code: number | null; ran: string[] } {
    const step = `. $FAASMESH_PREFIX/opt/faasmesh/common.sh; echo $1 >>$lib/ran; [[ $1 != packages ]] || { ${first}; }`;
    writeFileSync(path("opt/faasmesh/steps.sh"), `${step}\n`);
    const { status: code } = spawnSync("bash", [path("opt/faasmesh/setup.sh")], {
      stdio: "ignore",
      env: { PATH: `${path("bin")}:/usr/bin:/bin`, FAASMESH_PREFIX: prefix, ...env },
    });
    return { code, ran: readFileSync(lib("ran"), "utf8").trim().split("\n") };
  }

  it("is ready after its last step, and one at a time", () => {
    // The other one starts none itself, should it not be refused.
    const another =
      "[[ -n ${OTHER:-} ]] || ! OTHER=yes bash $FAASMESH_PREFIX/opt/faasmesh/setup.sh >$lib/another";
    assert.deepEqual(setUp(another), { code: 0, ran: steps });
    assert.deepEqual([status()["state"], status()["step"]], ["ready", steps.length]);
    assert.equal(readFileSync(lib("another"), "utf8"), "Another set-up is under way.\n");
  });

  const problems: [string, string, RegExp][] = [
    ["fails", "exit 3", /^it ended with status 3; see /],
    ["says why it fails", 'die "the archive is gone"', /^the archive is gone$/],
    ["hangs", "sleep 60", /^it took longer than 2 s; see /],
  ];
  for (const [title, problem, why] of problems) {
    it(`ends at a step that ${title}, and names it`, () => {
      const limit = problem.startsWith("sleep") ? "2" : "600";
      assert.deepEqual(setUp(problem, { WORKSHOP_STEP_LIMIT: limit }), { code: 1, ran: ["packages"] });
      assert.deepEqual([status()["state"], status()["step"]], ["failed", 1]);
      assert.match(String(status()["detail"]), why);
      assert.match(readFileSync(path("var/log/faasmesh.log"), "utf8"), /^FAILED in step 1, Packages of/m);
    });
  }
});
