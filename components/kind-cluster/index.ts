import type * as k8s from "@pulumi/kubernetes";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as command from "@pulumi/command/local";
import * as pulumi from "@pulumi/pulumi";
import { kindNodeImage } from "../../versions";
import { ingressNodePorts, type KindArgs, kindConfig, serviceCidr } from "./args";

export type { KindArgs } from "./args";
import type { ClusterCapabilities, ClusterOutputs } from "../../kubernetes/cluster-outputs";
import { providerOf } from "../../kubernetes/provider";

const script = (name: string): string => readFileSync(join(__dirname, name), "utf8");

/**
 * A cluster in containers of this machine. Needs `kind` and a Docker engine. A change of any argument makes the
 * cluster anew.
 */
export class KindCluster extends pulumi.ComponentResource implements ClusterOutputs {
  readonly kubeconfig: pulumi.Output<string>;
  readonly provider: k8s.Provider;
  readonly capabilities: ClusterCapabilities = {
    loadBalancer: false,
    gatewayApi: false,
    ingressNodePorts,
    // Docker chooses the range of nodes, so that the networks as a whole are not known.
    serviceCidr,
  };
  readonly ready: readonly pulumi.Resource[] = [];

  constructor(name: string, args: KindArgs, opts?: pulumi.ComponentResourceOptions) {
    super("faasmesh:cluster:KindCluster", name, {}, opts);
    const config = kindConfig(args);
    const image = args.image ?? kindNodeImage;
    const cluster = new command.Command(
      `${name}-kind`,
      {
        create: script("create.sh"),
        delete: script("delete.sh"),
        environment: { KIND_CLUSTER: args.clusterName, KIND_IMAGE: image },
        stdin: config,
        triggers: [args.clusterName, image, config],
        addPreviousOutputInEnv: false,
        logging: "none",
      },
      // A cluster of that name is there until it is deleted.
      { parent: this, additionalSecretOutputs: ["stdout"], deleteBeforeReplace: true },
    );
    this.kubeconfig = pulumi.secret(cluster.stdout);
    this.provider = providerOf(this, name, this.kubeconfig);
    this.registerOutputs({ kubeconfig: this.kubeconfig });
  }
}
