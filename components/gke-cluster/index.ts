import * as container from "@pulumi/gcp/container";
import { getClientOpenIdUserInfoOutput } from "@pulumi/gcp/organizations";
import * as projects from "@pulumi/gcp/projects";
import * as serviceaccount from "@pulumi/gcp/serviceaccount";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { sandboxLabels } from "../../clouds/sandbox";
import { checked, type GkeArgs, type GkeSettings } from "./args";
import { gkeKubeconfig } from "./kubeconfig";
import { type GkeNetwork, gkeNetwork, rangeNames, webhookFirewall } from "./network";
import type { ClusterCapabilities, ClusterOutputs } from "../../kubernetes/cluster-outputs";
import { providerOf } from "../../kubernetes/provider";

export type { GkeArgs, GkeRanges } from "./args";

/**
 * The roles of nodes, which only allow writing logs and metrics. Pods have separate identities (workload identity).
 * Source: https://cloud.google.com/kubernetes-engine/docs/how-to/hardening-your-cluster#use_least_privilege_sa.
 */
const nodeRoles = ["roles/container.defaultNodeServiceAccount"];

/**
 * A cluster of Google Kubernetes Engine with a separate network, private nodes, one node pool and workload identity.
 * Needs `gke-gcloud-auth-plugin` on PATH.
 *
 * ```ts
 * const cluster = new GkeCluster("cluster", {
 *   project: "my-project",
 *   location: "europe-west3-a",
 *   clusterName: "demo",
 *   adminCidrs: ["203.0.113.7/32"],
 *   deletionProtection: false,
 * });
 * const clusterNetworks = cluster.capabilities.networks;
 * new LinkerdMesh("mesh", { clusterNetworks }, { providers: [cluster.provider] });
 * ```
 *
 * Source: https://cloud.google.com/kubernetes-engine/docs/how-to/hardening-your-cluster.
 */
export class GkeCluster extends pulumi.ComponentResource implements ClusterOutputs {
  /** The content of the kubeconfig, which contains no credentials; a secret. */
  readonly kubeconfig: pulumi.Output<string>;

  /** The Kubernetes provider of this cluster. */
  readonly provider: k8s.Provider;

  /** The capabilities of the cluster. */
  readonly capabilities: ClusterCapabilities;

  /** The binding to `cluster-admin` with `bindAdmin`; otherwise empty. */
  readonly ready: readonly pulumi.Resource[];

  private readonly settings: GkeSettings;
  private readonly name: string;

  /**
   * Creates the network, the cluster, its node pool, and its Kubernetes provider.
   *
   * @param name the name of the component, and the prefix of the names of its resources
   * @param args the arguments
   * @param opts options of the component
   * @throws UserError if arguments are invalid. All errors are reported together
   */
  constructor(name: string, args: GkeArgs, opts?: pulumi.ComponentResourceOptions) {
    const settings = checked(args);
    super("faasmesh:cluster:GkeCluster", name, {}, opts);
    this.settings = settings;
    this.name = name;
    const { ranges } = settings;

    const network = gkeNetwork(this, name, settings);
    const account = this.nodeAccount();
    const cluster = this.cluster(network, account.email);
    const firewall = webhookFirewall(this, name, network, this.nodeTag, settings);
    const pool = this.nodePool(cluster, account, network);

    this.kubeconfig = this.kubeconfigOf(cluster);
    this.provider = providerOf(this, name, this.kubeconfig, { dependsOn: [pool, firewall, network.nat] });
    this.ready = settings.bindAdmin ? [this.adminBinding()] : [];
    this.capabilities = {
      loadBalancer: true,
      gatewayApi: settings.gatewayApi,
      serviceCidr: ranges.services,
      networks: [ranges.nodes, ranges.pods, ranges.services],
    };
    this.registerOutputs({ kubeconfig: this.kubeconfig });
  }

  private get nodeTag(): string {
    return `${this.settings.clusterName}-node`;
  }

  private nodeAccount(): serviceaccount.Account & { roles: projects.IAMMember[] } {
    const { project, clusterName } = this.settings;
    const account = new serviceaccount.Account(
      `${this.name}-nodes`,
      { project, accountId: `${clusterName}-nodes`, displayName: `Nodes of the cluster ${clusterName}` },
      { parent: this },
    );
    const roles = nodeRoles.map(
      (role) =>
        new projects.IAMMember(
          `${this.name}-nodes-${role.split(".").at(-1)}`,
          { project, role, member: pulumi.interpolate`serviceAccount:${account.email}` },
          { parent: this },
        ),
    );
    return Object.assign(account, { roles });
  }

  private cluster({ network, subnetwork }: GkeNetwork, email: pulumi.Output<string>): container.Cluster {
    const { settings } = this;
    return new container.Cluster(
      `${this.name}-gke`,
      {
        name: settings.clusterName,
        project: settings.project,
        location: settings.location,
        deletionProtection: settings.deletionProtection,
        releaseChannel: { channel: settings.releaseChannel },
        ...(settings.minVersion && { minMasterVersion: settings.minVersion }),
        // The default pool cannot be configured, so it is replaced by a separate one. Until then its nodes use the
        // service account of this component, because a project may have no default one.
        removeDefaultNodePool: true,
        initialNodeCount: 1,
        nodeConfig: { serviceAccount: email },
        network: network.id,
        subnetwork: subnetwork.id,
        networkingMode: "VPC_NATIVE",
        ipAllocationPolicy: {
          clusterSecondaryRangeName: rangeNames.pods,
          servicesSecondaryRangeName: rangeNames.services,
        },
        datapathProvider: "ADVANCED_DATAPATH",
        privateClusterConfig: {
          enablePrivateNodes: true,
          enablePrivateEndpoint: false,
          masterIpv4CidrBlock: settings.ranges.controlPlane,
        },
        masterAuthorizedNetworksConfig: {
          cidrBlocks: settings.adminCidrs.map((cidrBlock) => ({ cidrBlock })),
          gcpPublicCidrsAccessEnabled: false,
        },
        workloadIdentityConfig: { workloadPool: `${settings.project}.svc.id.goog` },
        gatewayApiConfig: { channel: settings.gatewayApi ? "CHANNEL_STANDARD" : "CHANNEL_DISABLED" },
        enableShieldedNodes: true,
        resourceLabels: { "managed-by": "faasmesh", ...sandboxLabels(settings.sandbox) },
      },
      // nodeConfig is that of the deleted default pool.
      { parent: this, ignoreChanges: ["nodeConfig", "initialNodeCount"], deleteBeforeReplace: true },
    );
  }

  private nodePool(
    cluster: container.Cluster,
    account: serviceaccount.Account & { roles: projects.IAMMember[] },
    { nat }: GkeNetwork,
  ): container.NodePool {
    const { project, location, machineType, diskSizeGb, nodes } = this.settings;
    return new container.NodePool(
      `${this.name}-pool`,
      {
        project,
        location,
        cluster: cluster.name,
        // A prefix, so that a replacement can be created before the old pool is deleted.
        namePrefix: "pool-",
        initialNodeCount: nodes.min,
        autoscaling: { minNodeCount: nodes.min, maxNodeCount: nodes.max },
        management: { autoRepair: true, autoUpgrade: true },
        upgradeSettings: { maxSurge: 1, maxUnavailable: 0 },
        nodeConfig: {
          machineType,
          diskSizeGb,
          imageType: "COS_CONTAINERD",
          serviceAccount: account.email,
          // The roles of the account limit the access of nodes.
          oauthScopes: ["https://www.googleapis.com/auth/cloud-platform"],
          workloadMetadataConfig: { mode: "GKE_METADATA" },
          shieldedInstanceConfig: { enableSecureBoot: true, enableIntegrityMonitoring: true },
          metadata: { "disable-legacy-endpoints": "true" },
          tags: [this.nodeTag],
        },
      },
      { parent: this, dependsOn: [...account.roles, nat], ignoreChanges: ["initialNodeCount"] },
    );
  }

  private kubeconfigOf(cluster: container.Cluster): pulumi.Output<string> {
    return pulumi.secret(
      pulumi
        .all([cluster.endpoint, cluster.masterAuth.clusterCaCertificate])
        .apply(([address, authority]) =>
          gkeKubeconfig({ name: this.settings.clusterName, address, authority }),
        ),
    );
  }

  private adminBinding(): pulumi.Resource {
    return new k8s.rbac.v1.ClusterRoleBinding(
      `${this.name}-admin`,
      {
        metadata: { name: `${this.settings.clusterName}-admin` },
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "cluster-admin" },
        subjects: [
          {
            apiGroup: "rbac.authorization.k8s.io",
            kind: "User",
            name: getClientOpenIdUserInfoOutput({ parent: this }).email,
          },
        ],
      },
      { parent: this, provider: this.provider },
    );
  }
}
