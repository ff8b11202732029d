import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { meshAnnotations, podAnnotations } from "../../kubernetes/mesh";
import type { ExistingWorkload, MeshExistingArgs } from "./args";
import { check } from "./check";

export type { ExistingWorkload, MeshExistingArgs } from "./args";

/**
 * Meshes what is in the cluster already and belongs to someone else, as the guides do with
 * `kubectl annotate namespace` and `kubectl get deploy -o yaml | linkerd inject - | kubectl apply -f -`.
 *
 * Server-side apply owns the annotations and nothing else. Destroying the component takes them back,
 * and the pods are rolled out without the mesh.
 */
export class MeshExisting extends pulumi.ComponentResource {
  constructor(name: string, args: MeshExistingArgs, opts?: pulumi.ComponentResourceOptions) {
    check(name, args);
    super("faasmesh:index:MeshExisting", name, {}, opts);
    const namespace = (args.wholeNamespace ?? true) && this.namespace(name, args);
    for (const workload of args.workloads ?? [])
      this.workload(name, args, workload, namespace ? [namespace] : []);
    this.registerOutputs();
  }

  private namespace(name: string, { namespace, options }: MeshExistingArgs): pulumi.Resource {
    return new k8s.core.v1.NamespacePatch(
      `${name}-${namespace}`,
      { metadata: { name: namespace, annotations: meshAnnotations(options) } },
      { parent: this },
    );
  }

  private workload(
    name: string,
    { mesh, namespace, options }: MeshExistingArgs,
    workload: ExistingWorkload,
    dependsOn: pulumi.Resource[],
  ): void {
    const metadata = { name: workload.name, namespace };
    const spec = { template: { metadata: { annotations: podAnnotations(mesh, options) } } };
    const id = `${name}-${namespace}-${workload.kind.toLowerCase()}-${workload.name}`;
    const opts = { parent: this, dependsOn };
    switch (workload.kind) {
      case "Deployment":
        new k8s.apps.v1.DeploymentPatch(id, { metadata, spec }, opts);
        break;
      case "StatefulSet":
        new k8s.apps.v1.StatefulSetPatch(id, { metadata, spec }, opts);
        break;
      case "DaemonSet":
        new k8s.apps.v1.DaemonSetPatch(id, { metadata, spec }, opts);
        break;
    }
  }
}
