import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Wanted } from "../../../lab/controllers/definitions";
import { manifest } from "./edge";
import { Sandbox } from "../harness";

/** A lab with a bare simulated cluster, where upstream's own controllers run. */
export class ControlledLab {
  readonly sandbox = new Sandbox();

  constructor(readonly name: string) {}

  async up(): Promise<void> {
    await this.sandbox.bareCluster(this.name);
  }

  kubectl(...args: string[]): Promise<string> {
    return this.sandbox.kubectl(this.name, ...args);
  }

  /** Applies files, or objects, whose definitions are there. */
  async apply(...what: (string | object)[]): Promise<void> {
    const objects = what.filter((each) => typeof each === "object");
    const files = what.filter((each) => typeof each === "string");
    if (objects.length > 0) {
      const file = join(this.sandbox.dir, "objects.yaml");
      writeFileSync(file, manifest(objects));
      files.push(file);
    }
    await this.kubectl(
      "apply",
      "--server-side",
      "--force-conflicts",
      ...files.flatMap((file) => ["-f", file]),
    );
  }

  /** Applies files with definitions and objects of these. */
  async applyWithDefinitions(files: readonly string[]): Promise<void> {
    await this.apply(...files).catch(() => {});
    await this.kubectl("wait", "crd", "--all", "--for=condition=Established", "--timeout=60s");
    await this.apply(...files);
  }

  /** A Deployment without containers that run, as a chart would bring it: its controller is started beside it. */
  async deployment(namespace: string, name: string): Promise<void> {
    const labels = { app: name };
    const template = {
      metadata: { labels },
      spec: { containers: [{ name, image: `example.com/${name}:1` }] },
    };
    await this.apply(
      { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } },
      {
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: { name, namespace },
        spec: { selector: { matchLabels: labels }, template },
      },
    );
  }

  async startControllers(wanted: Wanted): Promise<void> {
    const script = join(this.sandbox.checkout, "tests", "e2e", "pending", "start-controllers.ts");
    const args = [
      "-r",
      join(this.sandbox.checkout, "lab", "register.js"),
      script,
      this.name,
      JSON.stringify(wanted),
    ];
    const { code, err } = await this.sandbox.exec("node", args);
    if (code !== 0) throw new Error(err);
  }

  /** Waits until a condition of an object is true. */
  async condition(condition: string, object: string, namespace: string, seconds = 60): Promise<void> {
    await this.kubectl(
      "wait",
      object,
      "-n",
      namespace,
      `--for=condition=${condition}`,
      `--timeout=${seconds}s`,
    );
  }

  /** Processes of the lab whose command line names a controller's folder. */
  async controllerProcesses(): Promise<string[]> {
    return (await this.sandbox.processes()).filter((line) => line.includes(`${this.name}/controllers/`));
  }
}

const named = (apiVersion: string, kind: string, namespace: string, name: string, spec: object) => ({
  apiVersion,
  kind,
  metadata: { name, namespace },
  spec,
});

/** An authority of one's own: a self-signed issuer, its CA certificate, and an issuer that signs with this one. */
export function authority(namespace: string): object[] {
  const certificate = (name: string, spec: object) =>
    named("cert-manager.io/v1", "Certificate", namespace, name, spec);
  const issuer = (name: string, spec: object) => named("cert-manager.io/v1", "Issuer", namespace, name, spec);
  return [
    issuer("self-signed", { selfSigned: {} }),
    certificate("authority", {
      isCA: true,
      commonName: "authority.example.test",
      secretName: "authority",
      privateKey: { algorithm: "ECDSA", size: 256 },
      issuerRef: { name: "self-signed", kind: "Issuer" },
    }),
    issuer("authority", { ca: { secretName: "authority" } }),
  ];
}

/** A certificate for a host, signed by `authority`. */
export const hostCertificate = (namespace: string, name: string, host: string): object =>
  named("cert-manager.io/v1", "Certificate", namespace, name, {
    dnsNames: [host],
    secretName: name,
    privateKey: { algorithm: "ECDSA", size: 256 },
    issuerRef: { name: "authority", kind: "Issuer" },
  });
