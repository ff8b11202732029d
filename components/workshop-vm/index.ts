import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as local from "@pulumi/command/local";
import * as remote from "@pulumi/command/remote";
import * as digitalocean from "@pulumi/digitalocean";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import * as tls from "@pulumi/tls";
import { outboundRules } from "../../clouds/digitalocean";
import { kubeconfigCommand, rewriteKubeconfig } from "../../clouds/k3s";
import { account, checked, hostOf, ports, type VmSettings, type WorkshopVmArgs } from "./args";
import { userData } from "./cloud-init";
import { inboundRules } from "./network";
import { hashed } from "./password";

export type { Tls, WorkshopVmArgs } from "./args";

/** What a VM is known by: made once, and kept when the VM is made anew. */
interface Identity {
  readonly ssh: tls.PrivateKey;
  readonly host: tls.PrivateKey;
  readonly password: random.RandomPassword;
  readonly salt: random.RandomBytes;
  readonly address: digitalocean.ReservedIp;
}

/**
 * A workshop VM for one seat: k3s with OpenFaaS, all tools, and VS Code in the browser over HTTPS.
 *
 * It sets itself up by cloud-init, and is there when it answers over HTTPS; where it does not, `up` fails and names
 * the step. A new cloud-init, image or key never replaces a VM that somebody works on: raise `build` for that.
 *
 * ```ts
 * const vm = new WorkshopVm("alice", {
 *   seat: "alice",
 *   workshop: "class",
 *   region: "fra1",
 *   adminCidrs: ["203.0.113.7/32"],
 * });
 * ```
 */
export class WorkshopVm extends pulumi.ComponentResource {
  /** Where VS Code is. */
  readonly url: pulumi.Output<string>;
  /** Where OpenFaaS's gateway is; its password is on the VM, in `~/openfaas-password.txt`. */
  readonly gatewayUrl: pulumi.Output<string>;
  /** The password of VS Code; a secret. */
  readonly password: pulumi.Output<string>;
  /** The account that VS Code's terminal runs as. */
  readonly user = account.name;
  /** The address, which outlives the machine. */
  readonly address: pulumi.Output<string>;
  /** How an administrator reaches the VM, with the files that the handout writes. */
  readonly sshCommand: pulumi.Output<string>;
  /** The key that opens root's SSH, in OpenSSH's form; a secret. */
  readonly sshPrivateKey: pulumi.Output<string>;
  /** The VM's line of `known_hosts`. */
  readonly knownHost: pulumi.Output<string>;
  /** Of the VM's cluster, for an administrator; a secret. */
  readonly kubeconfig: pulumi.Output<string>;
  /** SHA-256 of a self-signed certificate, by which browsers' users can tell it; else empty. */
  readonly fingerprint: pulumi.Output<string>;

  private readonly settings: VmSettings;
  private readonly name: string;

  constructor(name: string, args: WorkshopVmArgs, opts?: pulumi.ComponentResourceOptions) {
    const settings = checked(args);
    super("faasmesh:workshop:WorkshopVm", name, {}, opts);
    this.settings = settings;
    this.name = name;

    const identity = this.identity();
    const host = identity.address.ipAddress.apply((address) => hostOf(settings, address));
    this.url = pulumi.interpolate`https://${host}/`;
    this.gatewayUrl = pulumi.interpolate`https://${host}:${ports.gateway}/`;
    this.password = identity.password.result;
    this.address = identity.address.ipAddress;
    this.sshPrivateKey = identity.ssh.privateKeyOpenssh;
    this.knownHost = pulumi.interpolate`${this.address} ${trimmed(identity.host.publicKeyOpenssh)}`;
    this.sshCommand = pulumi.interpolate`ssh -i ${settings.seat}.key -o UserKnownHostsFile=${settings.seat}.known_hosts root@${this.address}`;

    const droplet = this.machine(identity);
    const ready = this.readiness(droplet, this.reach(droplet, identity.address));
    const fetch = (part: string, create: string) => this.fetched(part, create, droplet, identity, ready);
    this.kubeconfig = pulumi.secret(
      pulumi
        .all([fetch("kubeconfig", kubeconfigCommand()), this.address])
        .apply(([text, address]) => rewriteKubeconfig(text, address, settings.seat)),
    );
    this.fingerprint =
      settings.tls.kind === "self-signed"
        ? fetch("fingerprint", fingerprintCommand).apply((line) => line.split("=").at(-1)?.trim() ?? "")
        : pulumi.output("");
    this.registerOutputs({
      url: this.url,
      gatewayUrl: this.gatewayUrl,
      password: this.password,
      address: this.address,
      sshCommand: this.sshCommand,
      sshPrivateKey: this.sshPrivateKey,
      kubeconfig: this.kubeconfig,
      fingerprint: this.fingerprint,
    });
  }

  private identity(): Identity {
    const child = { parent: this };
    const key = (part: string) => new tls.PrivateKey(`${this.name}-${part}`, { algorithm: "ED25519" }, child);
    return {
      ssh: key("ssh"),
      host: key("host"),
      // 142 bits, and nothing that is hard to type from paper.
      password: new random.RandomPassword(
        `${this.name}-password`,
        { length: 24, special: false, minLower: 1, minNumeric: 1, minUpper: 1 },
        child,
      ),
      salt: new random.RandomBytes(`${this.name}-salt`, { length: 16 }, child),
      address: new digitalocean.ReservedIp(
        `${this.name}-address`,
        { region: this.settings.region },
        { ...child, ignoreChanges: ["dropletId"] },
      ),
    };
  }

  private machine(identity: Identity): digitalocean.Droplet {
    const { workshop, seat, region, image, size, build, tags } = this.settings;
    const child = { parent: this };
    const host = `${workshop}-${seat}`;
    const own = new digitalocean.Tag(`${this.name}-tag`, { name: host }, child);
    // By its tag, so that it is closed from its first second on.
    const firewall = new digitalocean.Firewall(
      `${this.name}-firewall`,
      { name: host, tags: [own.name], inboundRules: inboundRules(this.settings), outboundRules },
      child,
    );
    const sshKey = new digitalocean.SshKey(
      `${this.name}-ssh`,
      { name: host, publicKey: trimmed(identity.ssh.publicKeyOpenssh) },
      child,
    );
    return new digitalocean.Droplet(
      build > 1 ? `${this.name}-vm-${build}` : `${this.name}-vm`,
      {
        name: host,
        region,
        image,
        size,
        sshKeys: [sshKey.fingerprint],
        tags: [own.name, ...tags],
        monitoring: true,
        dropletAgent: false,
        userData: this.userData(identity),
      },
      // Each of these would replace a machine that somebody works on.
      { ...child, dependsOn: [firewall], ignoreChanges: ["userData", "sshKeys", "image"] },
    );
  }

  private userData({ host, password, salt, address }: Identity): pulumi.Output<string> {
    return pulumi.secret(
      pulumi
        .all([host.privateKeyOpenssh, host.publicKeyOpenssh, password.result, salt.base64, address.ipAddress])
        .apply(async ([privateKey, publicKey, plain, saltText, ip]) =>
          userData(this.settings, {
            address: ip,
            hostKey: { privateKey, publicKey },
            passwordHash: await hashed(plain, saltText),
          }),
        ),
    );
  }

  /** What leads to the machine: its address, and its name where it has one. */
  private reach(droplet: digitalocean.Droplet, address: digitalocean.ReservedIp): pulumi.Resource[] {
    const { tls: kind, seat } = this.settings;
    const assignment = new digitalocean.ReservedIpAssignment(
      `${this.name}-address`,
      { ipAddress: address.ipAddress, dropletId: droplet.id.apply(Number) },
      // An address has one machine at a time.
      { parent: this, deleteBeforeReplace: true },
    );
    if (kind.kind !== "domain") return [assignment];
    const record = new digitalocean.DnsRecord(
      `${this.name}-record`,
      {
        domain: kind.zone,
        type: "A",
        name: `${seat}.${kind.domain}`.slice(0, -kind.zone.length - 1),
        value: address.ipAddress,
        ttl: 300,
      },
      { parent: this },
    );
    return [assignment, record];
  }

  private readiness(droplet: digitalocean.Droplet, dependsOn: pulumi.Resource[]): pulumi.Resource {
    const { readyWithin, tls: kind } = this.settings;
    return new local.Command(
      `${this.name}-ready`,
      {
        // The script is standard input, so that a failure shows the address and what the VM said, and no script.
        interpreter: ["node", "-"],
        create: this.url,
        stdin: readFileSync(join(__dirname, "ready.js"), "utf8"),
        environment: {
          READY_WITHIN: String(readyWithin),
          READY_TRUST: kind.kind === "self-signed" ? "any" : "known",
        },
        triggers: [droplet.id],
        ...quiet,
      },
      { parent: this, dependsOn },
    );
  }

  /** What a command prints on the VM, which is known by its host key. */
  private fetched(
    part: string,
    create: string,
    droplet: digitalocean.Droplet,
    { ssh, host }: Identity,
    ready: pulumi.Resource,
  ): pulumi.Output<string> {
    const connection = {
      host: this.address,
      user: "root",
      privateKey: ssh.privateKeyOpenssh,
      hostKey: trimmed(host.publicKeyOpenssh),
    };
    return new remote.Command(
      `${this.name}-${part}`,
      { connection, create, triggers: [droplet.id], ...quiet },
      { parent: this, dependsOn: [ready], additionalSecretOutputs: ["stdout", "stderr"] },
    ).stdout;
  }
}

/** Nothing of what a command prints is logged; nor is what the last run printed handed to the next. */
const quiet = { logging: "none", addPreviousOutputInEnv: false } as const;

const fingerprintCommand = "openssl x509 -in /etc/faasmesh/tls/cert.pem -noout -fingerprint -sha256";

const trimmed = (text: pulumi.Output<string>): pulumi.Output<string> => text.apply((value) => value.trim());
