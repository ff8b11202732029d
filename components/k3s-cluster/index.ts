import type * as k8s from "@pulumi/kubernetes";
import * as command from "@pulumi/command/remote";
import * as digitalocean from "@pulumi/digitalocean";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import * as tls from "@pulumi/tls";
import { sandboxTags } from "../../clouds/sandbox";
import { chartsFor } from "../../charts/on-demand";
import { DigitalOceanAddOns } from "./add-ons";
import { checked, type K3sArgs, type K3sSettings } from "./args";
import { userData } from "./cloud-init";
import { inboundRules, nodeOpenings, serverOpenings } from "./network";
import { installCommand, installInput } from "./node-config";
import type { ClusterCapabilities, ClusterOutputs } from "../../kubernetes/cluster-outputs";
import { outboundRules } from "../../clouds/digitalocean";
import { kubeconfigCommand, podCidr, rewriteKubeconfig, type Role, serviceCidr } from "../../clouds/k3s";
import { providerOf } from "../../kubernetes/provider";

export type { CloudArgs, K3sArgs } from "./args";

/** A machine, with its SSH connection. */
interface Machine {
  readonly name: string;
  readonly role: Role;
  readonly droplet: digitalocean.Droplet;
  readonly connection: command.CommandArgs["connection"];
}

/** The resources that all machines share. */
interface Base {
  readonly vpc: digitalocean.Vpc;
  readonly tags: Record<"nodes" | "servers", digitalocean.Tag>;
  /** The tags of a sandbox's machines; otherwise empty. */
  readonly sandboxTags: readonly digitalocean.Tag[];
  readonly key: tls.PrivateKey;
  readonly sshKey: digitalocean.SshKey;
}

/**
 * A k3s cluster on DigitalOcean: one or three servers, and agents, in a separate private network.
 *
 * The user-data of machines contains only their SSH host key. k3s is installed over SSH, which verifies that key. The
 * binary is verified by SHA-256, and the tokens of the cluster are not in user-data. A new release is installed in place.
 *
 * ```ts
 * const cluster = new K3sCluster("cluster", { clusterName: "demo", region: "fra1", adminCidrs: ["203.0.113.7/32"] });
 * new LinkerdMesh("mesh", {}, { providers: [cluster.provider] });
 * ```
 *
 * Source: https://docs.k3s.io/installation/configuration.
 */
export class K3sCluster extends pulumi.ComponentResource implements ClusterOutputs {
  /** The content of the kubeconfig; a secret. */
  readonly kubeconfig: pulumi.Output<string>;

  /** The Kubernetes provider of this cluster. */
  readonly provider: k8s.Provider;

  /** The capabilities of the cluster. It has load balancers with `cloud`. */
  readonly capabilities: ClusterCapabilities;

  /** The add-ons of DigitalOcean with `cloud`; otherwise empty. */
  readonly ready: readonly pulumi.Resource[];

  /** The reserved IP address of the API server, which remains when its machine is replaced. */
  readonly address: pulumi.Output<string>;

  /** The private key for SSH as root on all machines, in OpenSSH format; a secret. */
  readonly sshPrivateKey: pulumi.Output<string>;

  private readonly settings: K3sSettings;
  private readonly name: string;

  /**
   * Creates the network, the firewalls and the machines, installs k3s on them, and creates the Kubernetes provider.
   *
   * @param name the name of the component, and the prefix of the names of its resources
   * @param args the arguments
   * @param opts options of the component
   * @throws UserError if arguments are invalid. All errors are reported together
   */
  constructor(name: string, args: K3sArgs, opts?: pulumi.ComponentResourceOptions) {
    const settings = checked(args);
    // An invalid mirror is rejected before machines are created.
    const cloud = settings.cloud && { ...settings.cloud, charts: chartsFor(settings.cloud) };
    super("faasmesh:cluster:K3sCluster", name, {}, opts);
    this.settings = settings;
    this.name = name;

    const base = this.base();
    const firewalls = this.firewalls(base);
    const servers = this.machines("server", settings.servers, base);
    const agents = this.machines("agent", settings.agents, base);
    const [reservedIp, assignment] = this.reserveAddress(servers);
    this.address = reservedIp.ipAddress;
    const installs = this.install(servers, agents, [...firewalls, assignment]);

    this.kubeconfig = this.fetchKubeconfig(servers, installs);
    this.provider = providerOf(this, name, this.kubeconfig, { dependsOn: [...installs, ...firewalls] });
    this.ready = cloud
      ? [
          new DigitalOceanAddOns(
            `${name}-cloud`,
            { ...cloud, vpcId: base.vpc.id },
            { parent: this, providers: [this.provider] },
          ),
        ]
      : [];
    this.capabilities = {
      loadBalancer: cloud !== undefined,
      gatewayApi: false,
      serviceCidr,
      networks: [settings.vpcCidr, podCidr, serviceCidr],
    };
    this.sshPrivateKey = base.key.privateKeyOpenssh;
    this.registerOutputs({
      kubeconfig: this.kubeconfig,
      address: this.address,
      sshPrivateKey: this.sshPrivateKey,
    });
  }

  private base(): Base {
    const child = { parent: this };
    const { clusterName, region, vpcCidr, sandbox } = this.settings;
    const tag = (part: string, name = `${clusterName}-${part}`) =>
      new digitalocean.Tag(`${this.name}-${part}`, { name }, child);
    const key = new tls.PrivateKey(`${this.name}-ssh`, { algorithm: "ED25519" }, child);
    return {
      vpc: new digitalocean.Vpc(`${this.name}-vpc`, { name: clusterName, region, ipRange: vpcCidr }, child),
      tags: { nodes: tag("nodes"), servers: tag("servers") },
      sandboxTags: Object.entries(sandboxTags(sandbox)).map(([part, name]) => tag(part, name)),
      key,
      sshKey: new digitalocean.SshKey(
        `${this.name}-ssh`,
        { name: clusterName, publicKey: trimmed(key.publicKeyOpenssh) },
        child,
      ),
    };
  }

  private firewalls({ tags }: Base): digitalocean.Firewall[] {
    const names = { nodes: tags.nodes.name, servers: tags.servers.name };
    const openings = { nodes: nodeOpenings(this.settings), servers: serverOpenings(this.settings) };
    return (["nodes", "servers"] as const).map(
      (part) =>
        new digitalocean.Firewall(
          `${this.name}-${part}`,
          {
            name: `${this.settings.clusterName}-${part}`,
            tags: [names[part]],
            inboundRules: inboundRules(openings[part], names),
            outboundRules,
          },
          { parent: this },
        ),
    );
  }

  private machines(role: Role, count: number, base: Base): Machine[] {
    const { clusterName, region, image, serverSize, agentSize, agentGeneration } = this.settings;
    const generation = role === "agent" && agentGeneration > 1 ? `${agentGeneration}-` : "";
    const roleTags = role === "server" ? [base.tags.nodes, base.tags.servers] : [base.tags.nodes];
    const tags = [...roleTags, ...base.sandboxTags];
    return Array.from({ length: count }, (_, index) => {
      const name = `${this.name}-${role}-${generation}${index}`;
      const hostKey = new tls.PrivateKey(`${name}-host`, { algorithm: "ED25519" }, { parent: this });
      // k3s rejects a new machine with the name of an existing node.
      const id = new random.RandomId(`${name}-id`, { byteLength: 3, keepers: { region } }, { parent: this });
      const droplet = new digitalocean.Droplet(
        name,
        {
          name: pulumi.interpolate`${clusterName}-${role}-${index}-${id.hex}`,
          region,
          image,
          size: role === "server" ? serverSize : agentSize,
          vpcUuid: base.vpc.id,
          sshKeys: [base.sshKey.fingerprint],
          tags: tags.map((tag) => tag.name),
          monitoring: true,
          dropletAgent: false,
          userData: pulumi.secret(
            pulumi
              .all([hostKey.privateKeyOpenssh, hostKey.publicKeyOpenssh])
              .apply(([privateKey, publicKey]) => userData({ privateKey, publicKey })),
          ),
        },
        // A change of these would replace the machine, and with a server its etcd data. See docs/components/cluster.md.
        { parent: this, ignoreChanges: ["userData", "sshKeys", "image"] },
      );
      const connection = {
        host: droplet.ipv4Address,
        user: "root",
        privateKey: base.key.privateKeyOpenssh,
        hostKey: trimmed(hostKey.publicKeyOpenssh),
        // A machine accepts connections about 30 s after its creation. An attempt takes up to 15 s.
        dialErrorLimit: 40,
      };
      return { name, role, droplet, connection };
    });
  }

  private reserveAddress([first]: Machine[]): [digitalocean.ReservedIp, digitalocean.ReservedIpAssignment] {
    if (!first) throw new Error("a cluster has a server");
    const reservedIp = new digitalocean.ReservedIp(
      `${this.name}-address`,
      { region: this.settings.region },
      { parent: this, ignoreChanges: ["dropletId"] },
    );
    const assignment = new digitalocean.ReservedIpAssignment(
      `${this.name}-address`,
      { ipAddress: reservedIp.ipAddress, dropletId: first.droplet.id.apply(Number) },
      { parent: this },
    );
    return [reservedIp, assignment];
  }

  /** Installs servers one after another, because etcd members must join in sequence, and then all agents in parallel. */
  private install(servers: Machine[], agents: Machine[], dependsOn: pulumi.Resource[]): command.Command[] {
    const token = (part: string) =>
      new random.RandomPassword(
        `${this.name}-${part}-token`,
        { length: 48, special: false },
        { parent: this },
      ).result;
    const tokens = { server: token("server"), agent: token("agent") };
    const privateAddresses = pulumi.all(servers.map(({ droplet }) => droplet.ipv4AddressPrivate));
    const addresses = pulumi
      .all([this.address, privateAddresses])
      .apply(([reservedAddress, all]) => ({ reservedAddress, servers: all }));
    const installOn = (machine: Machine, after: pulumi.Resource[]) =>
      new command.Command(
        `${machine.name}-k3s`,
        {
          connection: machine.connection,
          create: pulumi
            .all([nodeOf(machine), addresses])
            .apply(([node, clusterAddresses]) => installCommand(node, clusterAddresses, this.settings)),
          stdin: pulumi
            .all([tokens.server, tokens.agent])
            .apply(([server, agent]) => installInput(machine.role, server, agent)),
          triggers: [machine.droplet.id],
          ...quiet,
        },
        { parent: this, dependsOn: [...dependsOn, ...after], additionalSecretOutputs: ["stdout", "stderr"] },
      );

    const installed: command.Command[] = [];
    for (const server of servers) installed.push(installOn(server, installed.slice(-1)));
    return [...installed, ...agents.map((agent) => installOn(agent, installed))];
  }

  private fetchKubeconfig([first]: Machine[], installs: command.Command[]): pulumi.Output<string> {
    if (!first) throw new Error("a cluster has a server");
    const fetched = new command.Command(
      `${this.name}-kubeconfig`,
      { connection: first.connection, create: kubeconfigCommand(), triggers: [first.droplet.id], ...quiet },
      {
        parent: this,
        dependsOn: installs.slice(0, this.settings.servers),
        additionalSecretOutputs: ["stdout", "stderr"],
      },
    );
    return pulumi.secret(
      pulumi
        .all([fetched.stdout, this.address])
        .apply(([text, address]) => rewriteKubeconfig(text, address, this.settings.clusterName)),
    );
  }
}

/** Does not log the output of a command, and does not pass it to the next run. */
const quiet = { logging: "none", addPreviousOutputInEnv: false } as const;

function nodeOf({ role, droplet }: Machine) {
  return pulumi
    .all([droplet.name, droplet.id, droplet.ipv4AddressPrivate, droplet.ipv4Address])
    .apply(([name, dropletId, privateAddress, publicAddress]) => ({
      role,
      name,
      dropletId,
      privateAddress,
      publicAddress,
    }));
}

const trimmed = (text: pulumi.Output<string>): pulumi.Output<string> => text.apply((value) => value.trim());
