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

/** The keys, password and address of a VM, which are kept when the VM is recreated. */
interface Identity {
  readonly ssh: tls.PrivateKey;
  readonly host: tls.PrivateKey;
  readonly password: random.RandomPassword;
  readonly salt: random.RandomBytes;
  readonly address: digitalocean.ReservedIp;
}

/**
 * A workshop VM on DigitalOcean for one seat: k3s with OpenFaaS, all tools, and VS Code in the browser over HTTPS.
 *
 * Cloud-init sets up the VM. `up` waits until VS Code answers over HTTPS; if a step of the set-up fails, `up` fails and
 * names the step. A change of cloud-init, image or key does not replace an existing VM: raise `build` to recreate it.
 *
 * ```ts
 * const vm = new WorkshopVm("alice", {
 *   seat: "alice",
 *   workshop: "class",
 *   region: "fra1",
 *   adminCidrs: ["203.0.113.7/32"],
 * });
 * export const url = vm.url;
 * ```
 *
 * Source: https://github.com/openfaas/workshop and https://coder.com/docs/code-server.
 */
export class WorkshopVm extends pulumi.ComponentResource {
  /** The URL of VS Code. */
  readonly url: pulumi.Output<string>;
  /** The URL of OpenFaaS's gateway. Its password is on the VM, in `~/openfaas-password.txt`. */
  readonly gatewayUrl: pulumi.Output<string>;
  /** The generated password of VS Code; a secret. */
  readonly password: pulumi.Output<string>;
  /** The unprivileged account of VS Code and its terminal. */
  readonly user = account.name;
  /** The reserved IP address, which remains when the machine is replaced. */
  readonly address: pulumi.Output<string>;
  /** The SSH command for an administrator, which uses the files of the handout. */
  readonly sshCommand: pulumi.Output<string>;
  /** The private key for SSH as root, in OpenSSH format; a secret. */
  readonly sshPrivateKey: pulumi.Output<string>;
  /** The line of the VM for a `known_hosts` file. */
  readonly knownHost: pulumi.Output<string>;
  /** The content of the kubeconfig of the VM's cluster, for an administrator; a secret. */
  readonly kubeconfig: pulumi.Output<string>;
  /** The SHA-256 fingerprint of a self-signed certificate, for verification in a browser; otherwise empty. */
  readonly fingerprint: pulumi.Output<string>;

  private readonly settings: VmSettings;
  private readonly name: string;

  /**
   * Creates the VM with its keys, password, reserved address, firewall and, with `tls.kind` `domain`, DNS record. Waits
   * until the VM is ready.
   *
   * @param name the name of the component, and the prefix of the names of its resources
   * @param args the arguments
   * @param opts options of the component
   * @throws UserError if arguments are invalid. All errors are reported together
   */
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
    const ready = this.readiness(droplet, this.routing(droplet, identity.address));
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
      // 142 bits, without special characters, so that it is easy to type.
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
    const tag = new digitalocean.Tag(`${this.name}-tag`, { name: host }, child);
    // Applies to a tag, so that it is in effect from the creation of the machine.
    const firewall = new digitalocean.Firewall(
      `${this.name}-firewall`,
      { name: host, tags: [tag.name], inboundRules: inboundRules(this.settings), outboundRules },
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
        tags: [tag.name, ...tags],
        monitoring: true,
        dropletAgent: false,
        userData: this.userData(identity),
      },
      // A change of these would replace a machine that is in use.
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

  /** Assigns the address to the machine and, with a domain, creates its DNS record. */
  private routing(droplet: digitalocean.Droplet, address: digitalocean.ReservedIp): pulumi.Resource[] {
    const { tls: kind, seat } = this.settings;
    const assignment = new digitalocean.ReservedIpAssignment(
      `${this.name}-address`,
      { ipAddress: address.ipAddress, dropletId: droplet.id.apply(Number) },
      // An address can be assigned to one machine at a time.
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
        // The script is standard input, so that an error shows the URL and the VM's message, without the script.
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

  /** Runs a command on the VM, verified by its host key. Returns the output of the command. */
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

/** Does not log the output of a command, and does not pass it to the next run. */
const quiet = { logging: "none", addPreviousOutputInEnv: false } as const;

const fingerprintCommand = "openssl x509 -in /etc/faasmesh/tls/cert.pem -noout -fingerprint -sha256";

const trimmed = (text: pulumi.Output<string>): pulumi.Output<string> => text.apply((value) => value.trim());
