import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseAllDocuments } from "yaml";
import { controllerTools, keepRunning } from "../../simulator/controllers/controllers";
import { certManager, knative, type ControllerContext } from "../../simulator/controllers/definitions";
import { areRunning, startProgram, stopPrograms } from "../../simulator/controllers/program";
import { fidelity } from "../../simulator/fidelity";
import { entryPointAddresses, traefik } from "../../simulator/controllers/traefik";
import { projectRoot } from "../../paths";
import { charts, manifests, tools } from "../../versions";
import { isShare } from "../e2e/edge/edge";

describe("controllers of a simulated cluster", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "controllers-"))));
  afterEach(async () => {
    await stopPrograms(folder);
    rmSync(folder, { recursive: true, force: true });
  });

  const place = (): ControllerContext => ({
    folder,
    kubeconfig: join(folder, "kubeconfig"),
    tools: {
      "cert-manager-controller": "/cm",
      "knative-controller": "/kc",
      "knative-autoscaler": "/ka",
      traefik: "/traefik",
    },
    ports: [5001, 5002, 5003, 5004, 5005],
  });
  const endless = (name: string) => ({
    name,
    path: process.execPath,
    args: ["-e", "setInterval(() => {}, 1000)", folder],
  });

  describe("programs", () => {
    it("outlive who starts them, are known by their files, and are stopped", async () => {
      assert.equal(await areRunning(folder), false);
      await startProgram(folder, endless("one"));
      await startProgram(folder, endless("two"));
      assert.equal(await areRunning(folder), true);
      process.kill(Number(readFileSync(join(folder, "one.pid"), "utf8")), "SIGKILL");
      // A busy machine takes a moment to end it.
      for (let left = 100; left > 0 && (await areRunning(folder)); left--) await sleep(50);
      assert.equal(await areRunning(folder), false);
      const two = Number(readFileSync(join(folder, "two.pid"), "utf8"));
      await stopPrograms(folder);
      assert.throws(() => process.kill(two, 0), /ESRCH/);
      assert.deepEqual(readdirSync(folder).sort(), ["one.log", "two.log"]);
    });

    it("that end at once are an error with the last line that they printed", async () => {
      const script = `console.error("first"); console.error("no such thing"); process.exit(1)`;
      const program = { name: "broken", path: process.execPath, args: ["-e", script, folder] };
      await assert.rejects(startProgram(folder, program), { message: "no such thing" });
      await assert.rejects(startProgram(folder, { ...program, path: join(folder, "none") }), /ENOENT/);
      assert.equal(await areRunning(folder), false);
    });

    it("that are killed by others leave other processes alone that have their process ID", async () => {
      writeFileSync(join(folder, "gone.pid"), String(process.pid));
      assert.equal(await areRunning(folder), false);
      await stopPrograms(folder);
      assert.ok(!existsSync(join(folder, "gone.pid")));
    });
  });

  it("are looked at again and again until the signal, also where one ends at once", async () => {
    const abort = new AbortController();
    let looks = 0;
    const start = async () => {
      looks++;
      if (looks === 3) abort.abort();
      await Promise.reject(new Error("it ended at once"));
    };
    await keepRunning(start, abort.signal, 1);
    assert.equal(looks, 3);
  });

  it("that run are left alone, and those that were killed are started again", async () => {
    const abort = new AbortController();
    const pid = () => Number(readFileSync(join(folder, "one.pid"), "utf8"));
    const start = async () => {
      if (!(await areRunning(folder))) await startProgram(folder, endless("one"));
    };
    await start();
    const kept = keepRunning(start, abort.signal, 20);
    const first = pid();
    process.kill(first, "SIGKILL");
    while (pid() === first || !(await areRunning(folder))) await sleep(20);
    const second = pid();
    await sleep(100);
    abort.abort();
    await kept;
    assert.equal(pid(), second);
  });

  describe("definitions", () => {
    it("name their folder in each program's arguments, by which processes are known", () => {
      const all = [
        certManager({ gatewayApi: true }),
        knative,
        traefik({ entryPoints: { web: 8000 } }),
      ].flatMap((controller) => controller.programs(place()));
      assert.equal(all.length, 4);
      for (const { args, path } of all) {
        assert.ok(
          args.some((arg) => arg.includes(folder)),
          path,
        );
        assert.ok(path.startsWith("/"));
      }
    });

    it("give each program of Knative ports of its own, and the activator's on loopback", () => {
      const ports = knative
        .programs(place())
        .flatMap(({ env }) => [env!["PROFILING_PORT"], env!["METRICS_PROMETHEUS_PORT"]]);
      assert.deepEqual(ports, ["5002", "5003", "5004", "5005"]);
      assert.equal(knative.programs(place())[0]!.env!["STATS_SERVER_ADDRESS"], "127.0.0.1:5001");
    });

    it("watch Gateways with cert-manager only where that is expected", () => {
      const gateways = "gateways.gateway.networking.k8s.io";
      for (const gatewayApi of [true, false]) {
        const controller = certManager({ gatewayApi });
        assert.equal(controller.resources.includes(gateways), gatewayApi);
        assert.ok(controller.programs(place())[0]!.args.includes(`-enable-gateway-api=${gatewayApi}`));
      }
    });

    it("make Traefik listen on a free address, and report it", async () => {
      assert.deepEqual(entryPointAddresses(folder), {});
      await traefik({ entryPoints: { web: 18_000, websecure: 18_443 } }).prepare!(place());
      const { web, websecure } = entryPointAddresses(folder);
      assert.match(web!, /^127\.0\.\d+\.\d+:18000$/);
      assert.equal(websecure!.split(":")[0], web!.split(":")[0]);
    });

    it("need no tools where nothing is expected", () => {
      assert.deepEqual(controllerTools({}), []);
      assert.deepEqual(controllerTools({ knative: {} }), [
        "knative-controller",
        "knative-autoscaler",
        "kubectl",
      ]);
    });
  });

  describe("versions", () => {
    it("are those of the charts and manifests that they are run beside", () => {
      assert.equal(`v${tools["cert-manager"]}`, charts["cert-manager"].version);
      const [, minor, patch] = tools.knative.split(".").map(Number);
      assert.equal(`1.${minor! - 27}.${patch}`, manifests["knative-serving"].version);
    });
  });

  describe("fidelity", () => {
    it("is what runs as a process, and the control plane", () => {
      const parts = ["kubernetes", "nodes", "cert-manager", "knative", "traefik"] as const;
      const real = (running: Parameters<typeof fidelity>[1]) =>
        fidelity(parts, running)
          .filter((each) => each.is === "real")
          .map(({ part }) => part);
      assert.deepEqual(real([]), ["kubernetes"]);
      assert.deepEqual(real(["knative"]), ["kubernetes", "knative"]);
      assert.deepEqual(
        real(["cert-manager", "knative", "traefik"]),
        parts.filter((part) => part !== "nodes"),
      );
    });
  });
});

describe("stages", () => {
  const stagesFolder = join(projectRoot, "simulator", "stages");
  const files = readdirSync(stagesFolder);
  /** Kinds that nobody real looks after on a simulated cluster. */
  const simulated = [
    ...["Node", "Pod", "Service"],
    "apiregistration.k8s.io/v1 APIService",
    "networking.internal.knative.dev/v1alpha1 Ingress",
  ];

  it("say what they simulate, and are about nothing that a real controller owns", () => {
    assert.ok(files.length >= 4);
    for (const file of files) {
      const text = readFileSync(join(stagesFolder, file), "utf8");
      assert.match(text, /^# Simulated: /, file);
      for (const document of parseAllDocuments(text)) {
        const { kind, spec } = document.toJS() as {
          kind: string;
          spec: { resourceRef: { apiGroup: string; kind: string } };
        };
        assert.equal(kind, "Stage");
        const { apiGroup, kind: about } = spec.resourceRef;
        assert.ok(
          simulated.includes(apiGroup === "v1" ? about : `${apiGroup} ${about}`),
          `${file}: ${about}`,
        );
      }
    }
  });
});

describe("shares of requests", () => {
  for (const [hits, share, expected] of [
    [1_800, 0.9, true],
    [1_766, 0.9, true],
    [1_834, 0.9, true],
    [1_765, 0.9, false],
    [1_835, 0.9, false],
    [1_057, 0.5, true],
    [1_058, 0.5, false],
    [2_000, 1, true],
    [1_999, 1, false],
  ] as const) {
    it(`${hits} of 2000 ${expected ? "may" : "cannot"} be ${share * 100} %`, () => {
      assert.equal(isShare(hits, 2_000, share), expected);
    });
  }
});
