import type * as k8s from "@pulumi/kubernetes";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as command from "@pulumi/command/local";
import * as pulumi from "@pulumi/pulumi";
import { kindNodeImage } from "../../versions";
import { requireDocker } from "./docker";
import { ingressNodePorts, type KindArgs, kindConfig, serviceCidr } from "./args";
import { check } from "./check";

export type { KindArgs, KindConfigArgs } from "./args";
import type { ClusterCapabilities, ClusterOutputs } from "../../kubernetes/cluster-outputs";
import { providerOf } from "../../kubernetes/provider";

const script = (name: string): string => readFileSync(join(__dirname, name), "utf8");

/**
 * A kind cluster, in containers on this machine. Needs `kind` and a Docker engine: version 20.10 or later,
 * with 4 GB of memory. A change of any argument recreates the
 * cluster.
 *
 * ```ts
 * const cluster = new KindCluster("cluster", { clusterName: "demo", ingress: { http: 80, https: 443 } });
 * new LinkerdMesh("mesh", {}, { providers: [cluster.provider] });
 * ```
 *
 * Source: https://kind.sigs.k8s.io/docs/user/quick-start/.
 */
export class KindCluster extends pulumi.ComponentResource implements ClusterOutputs {
  /** The content of the kubeconfig; a secret. */
  readonly kubeconfig: pulumi.Output<string>;

  /** The Kubernetes provider of this cluster. */
  readonly provider: k8s.Provider;

  /** The capabilities of the cluster: no load balancers, and fixed node ports for an ingress. */
  readonly capabilities: ClusterCapabilities = {
    loadBalancer: false,
    gatewayApi: false,
    ingressNodePorts,
    // `networks` is unknown, because Docker allocates the range of nodes.
    serviceCidr,
  };

  /** Always empty: the cluster has no add-ons. */
  readonly ready: readonly pulumi.Resource[] = [];

  /**
   * Creates the cluster with `kind`, and its Kubernetes provider.
   *
   * @param name the name of the component, and the prefix of the names of its resources
   * @param args the arguments
   * @param opts options of the component
   * @throws UserError if a port is invalid. All errors are reported together
   */
  constructor(name: string, args: KindArgs, opts?: pulumi.ComponentResourceOptions) {
    check(name, args);
    super("faasmesh:cluster:KindCluster", name, {}, opts);
    const config = kindConfig(args);
    const image = args.image ?? kindNodeImage;
    const cluster = new command.Command(
      `${name}-kind`,
      {
        create: script("create.sh"),
        delete: script("delete.sh"),
        environment: {
          KIND_CLUSTER: args.clusterName,
          KIND_IMAGE: image,
          ...(args.ingress && { KIND_PORTS: `${args.ingress.http} ${args.ingress.https}` }),
        },
        stdin: config,
        triggers: [args.clusterName, image, config],
        addPreviousOutputInEnv: false,
        logging: "none",
      },
      {
        parent: this,
        additionalSecretOutputs: ["stdout"],
        // Two clusters cannot have the same name.
        deleteBeforeReplace: true,
        hooks: { beforeCreate: [() => requireDocker()] },
      },
    );
    this.kubeconfig = pulumi.secret(cluster.stdout);
    this.provider = providerOf(this, name, this.kubeconfig);
    this.registerOutputs({ kubeconfig: this.kubeconfig });
  }
}
