import assert from "node:assert/strict";
import { createHash, X509Certificate } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import type { Browser } from "playwright-core";
import { userData } from "../../components/workshop-vm/cloud-init";
import { hashed } from "../../components/workshop-vm/password";
import { projectRoot } from "../../paths";
import { plainProgress } from "../../toolchain/progress";
import { ensureTools } from "../../toolchain/ensure";
import { everyOption, secretsOf, settingsOf } from "../unit/workshop-options";
import { artifact, browse } from "./workshop-boot/browser";
import { Machine } from "./workshop-boot/machine";
import { fillMirror, withhold } from "./workshop-boot/mirror";
import { chromium, codeServerArchive, hindrance, rootFileSystem } from "./workshop-boot/needs";

const address = "203.0.113.10";
const password = "the-password-of-alice-1";

/** What a machine's page says. */
interface Status {
  state: string;
  title: string;
  detail: string;
  step: number;
  steps: number;
}

describe("a workshop VM's user-data, executed by cloud-init", function () {
  this.timeout(1_800_000);
  const machine = new Machine(address);
  /** What is made once and stays: secrets, and services by their process. */
  const kept = async () => ({
    openfaas: machine.file("etc/faasmesh/openfaas-password"),
    certificate: machine.file("etc/faasmesh/tls/cert.pem"),
    services: (await machine.run(["sh", "-c", "cd /run/units && head caddy k3s code-server"])).out,
  });
  const openfaas = () => machine.file("etc/faasmesh/openfaas-password");
  let text: string;
  let hash: string;
  let hostKey: { privateKey: string; publicKey: string };
  let putBack: () => void;

  before(async function () {
    const why = hindrance();
    if (why !== undefined) {
      console.log(`      skipped: ${why}`);
      this.skip();
    }
    const root = await rootFileSystem();
    const codeServer = await codeServerArchive();
    const { caddy } = await ensureTools(["caddy"], plainProgress(process.stderr));
    await machine.prepare(root);
    const pins = await fillMirror(machine.mirror, { caddy, codeServer });
    const key = join(machine.dir, "host-key");
    await execa("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", key]);
    hostKey = { privateKey: readFileSync(key, "utf8"), publicKey: readFileSync(`${key}.pub`, "utf8") };
    hash = await hashed(password, Buffer.alloc(16, 3).toString("base64"));
    const settings = settingsOf({
      tls: { kind: "self-signed" },
      linkerd: true,
      knative: true,
      repository: "https://git.example.com/class.git",
      folder: "class",
      mirror: "http://127.0.0.1:8099/",
    });
    text = userData(settings, { address, hostKey, passwordHash: hash });
    // The stand-ins of the mirror have checksums of their own.
    for (const [pin, ours] of pins) text = text.replace(pin, ours);
    await machine.start();
    const git = [
      "git init -q -b main /srv/class && cd /srv/class && echo '# The class' >README.md",
      "git -c user.name=t -c user.email=t@example.com add . ",
      "git -c user.name=t -c user.email=t@example.com commit -qm first",
      "git config --system safe.directory '*'",
      "git config --system url.file:///srv/class.insteadOf https://git.example.com/class.git",
    ];
    const { code, out } = await machine.run(["sh", "-c", git.join(" && ")]);
    assert.equal(code, 0, out);
  });
  after(() => machine.stop());

  const status = (): Status => JSON.parse(machine.file("var/lib/faasmesh/www/-/status.json")) as Status;
  const quick = { WORKSHOP_TRIES: "2", WORKSHOP_PAUSE: "1" };
  const cloudInit = () => machine.run(["cloud-init", "status", "--wait", "--long"]);
  const curl = (...words: string[]) =>
    machine.run(["curl", "--silent", "--show-error", "--max-time", "10", ...words]);
  const trusted = ["--cacert", "/etc/faasmesh/tls/cert.pem"];
  /** What was asked of the mirror so far. */
  const downloads = () => machine.file("var/log/mirror.log").match(/"GET /g)?.length ?? 0;
  /** The readiness check of `pulumi up`, on the machine's network. */
  const ready = () =>
    machine.run(["node", "-", `https://${address}/`], {
      rooted: false,
      input: readFileSync(join(projectRoot, "components", "workshop-vm", "ready.js"), "utf8"),
      env: { READY_WITHIN: "5", READY_TRUST: "any", READY_PAUSE: "1" },
    });
  const spki = (): string => {
    const { publicKey } = new X509Certificate(machine.file("etc/faasmesh/tls/cert.pem"));
    return createHash("sha256")
      .update(publicKey.export({ type: "spki", format: "der" }))
      .digest("base64");
  };

  async function onPage(work: (browser: Browser) => Promise<void>): Promise<void> {
    const browser = await browse(machine.entrance(await chromium()), spki());
    try {
      await work(browser);
    } finally {
      await browser.close();
    }
  }

  it("has cloud-init's schema with every combination of options", async () => {
    const names = everyOption().map(([title, args], index) => {
      writeFileSync(
        join(machine.root, "tmp", `${index}.yaml`),
        userData(settingsOf(args), secretsOf({ hostKey })),
      );
      return { title, index };
    });
    assert.equal(names.length, 32);
    const script = 'for file; do cloud-init schema --config-file "$file" || echo "WRONG $file"; done';
    const { out } = await machine.run([
      "sh",
      "-c",
      script,
      "sh",
      ...names.map(({ index }) => `/tmp/${index}.yaml`),
    ]);
    assert.equal(out.match(/^Valid (schema|cloud-config)/gm)?.length, names.length, out);
    assert.doesNotMatch(out, /WRONG|deprecat|warning/i);
  });

  it("has units that systemd takes", async () => {
    writeFileSync(join(machine.root, "tmp", "ud.yaml"), text);
    const units = (await import("yaml")).parse(text) as { write_files: { path: string; content: string }[] };
    const files = units.write_files.filter(({ path }) => path.endsWith(".service"));
    assert.equal(files.length, 5);
    for (const { path, content } of files) {
      const file = join("/tmp", path.split("/").at(-1) ?? "");
      writeFileSync(join(machine.root, file), content);
    }
    const { out } = await machine.run([
      "sh",
      "-c",
      "systemd-analyze verify --man=no /tmp/*.service 2>&1 || true",
    ]);
    const known = /not executable|No such file|Unit .* not found|is not loaded|Failed to (?:create|add)/;
    const problems = out.split("\n").filter((line) => line.includes("/tmp/") && !known.test(line));
    assert.deepEqual(problems, [], out);
  });

  it("fails where a download is not there, and names it in the page, the log and `pulumi up`", async () => {
    putBack = withhold(machine.mirror, "arkade");
    await machine.boot(text, quick);
    const { state, title, detail } = status();
    assert.deepEqual([state, title], ["failed", "kubectl, faas-cli, linkerd and arkade"]);
    assert.match(detail, /^the download of arkade did not work: .*404.*arkade/);
    const { code, out } = await cloudInit();
    assert.equal(code, 1, out);
    assert.match(out, /status: error/);
    for (const log of ["faasmesh.log", "cloud-init-output.log"])
      assert.match(machine.file("var/log", log), /FAILED in step 6.*: the download of arkade did not work/);
    const check = await ready();
    assert.equal(check.code, 1);
    assert.match(check.out, /seat alice failed in step 6, kubectl.*: the download of arkade did not work/);
    assert.equal(machine.file("var/log/mirror.log").match(/GET \/\S*\/arkade HTTP\S* 404/g)?.length ?? 0, 2);
  });

  it("shows who waits which step failed, at the address where VS Code will be", () =>
    onPage(async (browser) => {
      const page = await browser.newPage();
      const response = await page.goto(`https://${address}/`);
      assert.equal(response?.status(), 503);
      await page.getByText("This step failed: kubectl, faas-cli, linkerd and arkade").waitFor();
      await page.getByText("Tell your instructor: seat alice.").waitFor();
      await page.screenshot({ path: artifact("workshop-vm-failed.png") });
    }));

  it("does what is left when it is run again, and leads who waits to VS Code", async () => {
    putBack();
    let out = "";
    await onPage(async (browser) => {
      const page = await browser.newPage();
      await page.goto(`https://${address}/`);
      ({ out } = await machine.boot(text, quick));
      // Who waits at the page is led to VS Code without doing anything.
      if (status().state === "ready") await page.locator("input[type=password]").waitFor();
    });
    assert.equal(status().state, "ready", `${out}\n${machine.file("var/log/faasmesh.log")}`);
    const ended = await cloudInit();
    assert.equal(
      ended.code,
      0,
      `${ended.out}\n${machine
        .file("var/log/cloud-init.log")
        .split("\n")
        .filter((line) => /WARN|ERROR|Traceback|Failed/.test(line))
        .join("\n")}`,
    );
    assert.match(ended.out, /status: done/);
    assert.deepEqual(await ready(), { code: 0, out: "" });
  });

  it("changes nothing the time after", async () => {
    const before = { ...(await kept()), downloads: downloads() };
    assert.match(before.services, /caddy[^]*\d+[^]*k3s[^]*\d+[^]*code-server[^]*\d+/);
    writeFileSync(join(machine.root, "home", "workshop", "class", "mine.txt"), "mine\n");
    await machine.boot(text, quick);
    assert.equal((await cloudInit()).code, 0, machine.file("var/log/faasmesh.log"));
    assert.deepEqual({ ...(await kept()), downloads: downloads() }, before);
    assert.equal(machine.file("home/workshop/class/mine.txt"), "mine\n");
    assert.equal(machine.file("home/workshop/class/README.md"), "# The class\n");
    assert.match(machine.file("var/log/linkerd.log"), /^install$[^]*^upgrade$/m);
  });

  it("has services that start with the machine", () => {
    const log = machine.file("var/log/systemctl.log");
    for (const unit of ["faasmesh-metadata", "caddy", "k3s", "code-server"])
      assert.match(log, new RegExp(`^enable --now ${unit}$`, "m"));
  });

  it("is known by the host key that it was given", () => {
    assert.equal(machine.file("etc/ssh/ssh_host_ed25519_key").trim(), hostKey.privateKey.trim());
    assert.equal(existsSync(join(machine.root, "etc/ssh/ssh_host_rsa_key")), false);
  });

  it("has a certificate that is right for its address, and for no other", async () => {
    const get = (host: string) =>
      curl(...trusted, "--resolve", `other.example.com:443:${address}`, `https://${host}/healthz`);
    assert.match((await get(address)).out, /"status"/);
    assert.notEqual((await get("other.example.com")).code, 0);
    const { subjectAltName } = new X509Certificate(machine.file("etc/faasmesh/tls/cert.pem"));
    assert.equal(subjectAltName, `IP Address:${address}`);
  });

  it("listens on the web's ports, and with all else on loopback alone", async () => {
    const { out } = await machine.run(["ss", "-Hltn"]);
    const open = out
      .trim()
      .split("\n")
      .map((line) => line.split(/\s+/)[3] ?? "")
      .filter((local) => !local.startsWith("127.0.0.1:") && !local.startsWith("[::1]:"))
      .map((local) => local.split(":").at(-1));
    assert.deepEqual([...new Set(open)].sort(), ["443", "80", "8443"]);
    const moved = await curl("--output", "/dev/null", "--write-out", "%{redirect_url}", `http://${address}/`);
    assert.equal(moved.out, `https://${address}/`);
  });

  it("keeps the metadata service from who sits there", async () => {
    const url = "http://169.254.169.254/metadata/v1/user-data";
    assert.match((await curl(url)).out, /^the user-data/);
    const { code } = await machine.run([
      "runuser",
      "-u",
      "workshop",
      "--",
      "curl",
      "-s",
      "--max-time",
      "3",
      url,
    ]);
    assert.notEqual(code, 0);
  });

  it("brings OpenFaaS's gateway over TLS, without the session of VS Code", async () => {
    const { out } = await curl(
      ...trusted,
      "--cookie",
      "code-server-session=a",
      `https://${address}:8443/function/x`,
    );
    const { path, headers } = JSON.parse(out) as { path: string; headers: Record<string, string> };
    assert.equal(path, "/function/x");
    assert.equal(headers["Cookie"], undefined);
    assert.equal(headers["X-Forwarded-Proto"], "https");
  });

  it("gives the account what it needs, and no rights of root", async () => {
    const as = (...words: string[]) => machine.run(["runuser", "-u", "workshop", "--", ...words]);
    assert.match((await as("id")).out, /^uid=1500\(workshop\) gid=\d+\(workshop\) groups=\d+\(workshop\)$/);
    assert.equal((await as("cat", "/home/workshop/openfaas-password.txt")).out, openfaas());
    for (const file of [
      "/etc/faasmesh/openfaas-password",
      "/etc/faasmesh/tls/key.pem",
      "/etc/rancher/k3s/k3s.yaml",
    ])
      assert.notEqual((await as("cat", file)).code, 0, file);
    const { out } = await machine.run([
      "find",
      "/opt",
      "/etc",
      "/usr/local",
      "/var/lib/faasmesh",
      "-perm",
      "-o+w",
      "!",
      "-type",
      "l",
    ]);
    assert.equal(out, "");
  });

  it("has no secret in a log, nor in the arguments of a command", () => {
    const logs = machine.logs();
    assert.ok(logs.includes("create secret generic basic-auth"));
    for (const secret of [password, openfaas(), hostKey.privateKey.split("\n")[1] ?? ""])
      assert.equal(logs.includes(secret), false);
    assert.match(machine.file("etc/faasmesh/code-server.yaml"), /hashed-password: \$argon2id\$/);
  });

  it("opens VS Code with the right password, and with no other", () =>
    onPage(async (browser) => {
      const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
      await page.goto(`https://${address}/`);
      const field = page.locator("input[type=password]");
      await field.fill("not-the-password");
      await page.locator("input[type=submit]").click();
      await page.getByText(/incorrect password/i).waitFor();
      await page.screenshot({ path: artifact("workshop-vm-wrong-password.png") });
      await field.fill(password);
      await page.locator("input[type=submit]").click();
      const explorer = page.locator(".explorer-folders-view");
      await explorer.getByText("README.md").waitFor({ timeout: 120_000 });
      await explorer.getByText("mine.txt").waitFor();
      assert.match(await page.title(), /class/);
      await page.screenshot({ path: artifact("workshop-vm-vs-code.png") });
    }));
});
