import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { afterMesh, meshAnnotations, podAnnotations } from "../../kubernetes/mesh";
import type { ExistingWorkload, MeshExistingArgs } from "./args";
import { check } from "./check";

export type { ExistingWorkload, MeshExistingArgs } from "./args";

/**
 * Adds an existing namespace and existing workloads, which are not declared in Pulumi, to the mesh.
 *
 * Server-side apply manages only the annotations of the mesh. Deleting the component removes them, and the pods are
 * rolled out again without the proxy.
 *
 * ```ts
 * const mesh = new LinkerdMesh("mesh");
 * new MeshExisting("apps", { mesh, namespace: "apps", workloads: [{ kind: "Deployment", name: "web" }] });
 * ```
 *
 * Source: the guides' `kubectl annotate namespace` and
 * `kubectl get deploy -o yaml | linkerd inject - | kubectl apply -f -`,
 * https://linkerd.io/2/tasks/adding-your-service/.
 */
export class MeshExisting extends pulumi.ComponentResource {
  /**
   * Annotates the namespace, and rolls out the pods of the workloads again.
   *
   * @param name the name of the component, and the prefix of the names of its resources
   * @param args the arguments
   * @param opts options of the component. It waits for `ready` of the mesh
   * @throws UserError if a workload is listed twice, or if neither the namespace nor a workload is added
   */
  constructor(name: string, args: MeshExistingArgs, opts?: pulumi.ComponentResourceOptions) {
    check(name, args);
    super("faasmesh:index:MeshExisting", name, {}, afterMesh(opts, args.mesh));
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
