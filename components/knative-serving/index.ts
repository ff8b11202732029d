import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { ManifestValues } from "../../charts/manifest";
import { afterMesh, type Mesh, meshAnnotations, notInjected } from "../../kubernetes/mesh";
import type { Charts } from "../../charts/args";
import { chartsFor } from "../../charts/on-demand";
import { helmRelease } from "../../kubernetes/helm-release";
import {
  coreNamespace,
  type KnativeServingArgs,
  layerNamespace,
  layerNamespaces,
  registries,
  type ServiceArgs,
  serviceNamespaces,
} from "./args";
import { check } from "./check";
import { layers, pods } from "./layers";
import { serviceObject } from "./service";

/** The objects of Knative's manifest that are not installed. */
const omitted = [
  `Namespace/${coreNamespace}`,
  // Needed only for TLS between the components of Knative. It also needs the webhook of cert-manager.
  `Certificate/${coreNamespace}/routing-serving-certs`,
];

/**
 * Knative Serving with a networking layer, and services with their revisions and traffic.
 *
 * Settings are patched into Knative's ConfigMaps key by key. A preview shows each change, other keys keep upstream's
 * values, and an upgrade of the manifest keeps the settings.
 *
 * ```ts
 * const knative = new KnativeServing("knative", {
 *   services: { "helloworld-go": { image: "ghcr.io/knative/helloworld-go:latest", env: { TARGET: "World" } } },
 * });
 * export const urls = knative.urls;
 * ```
 *
 * Source: the guide "Knative + Linkerd", https://knative.dev/docs/install/yaml-install/serving/install-serving-with-yaml/.
 */
export class KnativeServing extends pulumi.ComponentResource {
  /** The domain of the services, whose hosts are `<service>.<namespace>.<domain>`. */
  readonly domain: pulumi.Output<string>;

  /** The URL of each service, by its name. */
  readonly urls: pulumi.Output<Record<string, string>>;

  /** The Service of the networking layer, which receives requests from outside the cluster. */
  readonly gateway: {
    /** The namespace of the Service. */
    namespace: pulumi.Output<string>;
    /** The name of the Service. */
    name: string;
  };

  /** The releases and settings of Knative and its layer. Resources that use Knative depend on them. */
  readonly ready: pulumi.Resource[];

  /** The namespaces that this component creates. */
  readonly namespaces: pulumi.Resource[] = [];

  private readonly args: KnativeServingArgs;
  private readonly name: string;
  private readonly charts: Charts;

  /**
   * Installs Knative Serving and its networking layer, and creates the services.
   *
   * @param name the name of the component, and the prefix of the names of its resources
   * @param args the arguments. Default: all defaults
   * @param opts options of the component. It waits for `ready` of the mesh
   * @throws UserError if arguments are invalid or contradict each other. All errors are reported together
   */
  constructor(name: string, args: KnativeServingArgs = {}, opts?: pulumi.ComponentResourceOptions) {
    check(name, args);
    const charts = chartsFor(args);
    super("faasmesh:index:KnativeServing", name, {}, afterMesh(opts, args.mesh));
    this.args = args;
    this.name = name;
    this.charts = charts;

    const layer = args.layer ?? "ambassador";
    const namespace = this.namespace(layerNamespaces[layer], layerNamespace(args));
    const core = this.core(this.namespace(coreNamespace, coreNamespace));
    this.domain = this.chosenDomain();
    const settings = this.settings(core);
    const installed = layers[layer].install(
      name,
      {
        charts,
        gateway: args.gateway,
        namespace,
        namespaceName: layerNamespace(args),
        meshOf: (namespace) => this.meshOf(namespace),
      },
      { parent: this, dependsOn: [core] },
    );
    this.ready = [installed.ready, ...settings];
    this.services();

    this.gateway = { namespace: namespace.metadata.name, name: layers[layer].service };
    this.urls = this.domain.apply((domain) => urls(args.services ?? {}, domain));
    this.registerOutputs({ domain: this.domain, urls: this.urls, gateway: this.gateway });
  }

  /** Installs Knative's manifest as two releases, because it contains objects of its own CRDs. */
  private core(namespace: k8s.core.v1.Namespace): pulumi.Resource {
    const install = (part: string, values: pulumi.Inputs & ManifestValues, dependsOn: pulumi.Resource[]) =>
      helmRelease(
        `${this.name}-${part}`,
        {
          releaseName: `knative-serving-${part}`,
          chart: this.charts.chart("knative-serving"),
          namespace: namespace.metadata.name,
          values,
        },
        { parent: this, dependsOn },
      );
    const base = install("base", { part: "base" }, []);
    const overlay = pods(
      coreNamespace,
      ["activator", "autoscaler", "controller", "webhook"],
      this.meshOf(coreNamespace),
    );
    return install("core", { part: "rest", omit: omitted, overlay }, [base]);
  }

  private chosenDomain(): pulumi.Output<string> {
    const { domain, address = "127.0.0.1" } = this.args;
    // In names of sslip.io an IPv6 address has hyphens instead of colons.
    return pulumi.output(
      domain ?? pulumi.output(address).apply((ip) => `${ip.replaceAll(":", "-")}.sslip.io`),
    );
  }

  private settings(core: pulumi.Resource): pulumi.Resource[] {
    const { layer = "ambassador", targetBurstCapacity, resolveTags = true } = this.args;
    const serviceRegistries = resolveTags ? [] : registries(this.args);
    const skippedRegistries = [...(this.args.skipTagResolving ?? []), ...serviceRegistries];
    const burst = targetBurstCapacity ?? (layer === "ambassador" ? 0 : undefined);
    const patch = (config: string, data: pulumi.Input<Record<string, pulumi.Input<string>>>) =>
      new k8s.core.v1.ConfigMapPatch(
        `${this.name}-${config}`,
        {
          metadata: {
            name: config,
            namespace: coreNamespace,
            // A killed run can leave another owner of the same key.
            annotations: { "pulumi.com/patchForce": "true" },
          },
          data,
        },
        { parent: this, dependsOn: [core], deletedWith: core },
      );
    return [
      patch(
        "config-domain",
        this.domain.apply((domain) => ({ [domain]: "" })),
      ),
      patch("config-network", { "ingress-class": layers[layer].ingressClass }),
      ...(burst === undefined
        ? []
        : [patch("config-autoscaler", { "target-burst-capacity": String(burst) })]),
      ...(skippedRegistries.length > 0
        ? [patch("config-deployment", { "registries-skipping-tag-resolving": skippedRegistries.join(",") })]
        : []),
    ];
  }

  private services(): void {
    const { services = {}, existingNamespaces = ["default"] } = this.args;
    const missing = serviceNamespaces(this.args).filter((name) => !existingNamespaces.includes(name));
    const namespaces = new Map(missing.map((name) => [name, this.namespace(name, name)]));
    for (const [service, args] of Object.entries(services)) {
      const { namespace = "default" } = args;
      const created = namespaces.get(namespace);
      const injection = !created && this.meshOf(namespace) ? "pods" : "namespace";
      serviceObject(
        `${this.name}-${service}`,
        { ...args, service, injection },
        { parent: this, dependsOn: [...this.ready, ...(created ? [created] : [])] },
      );
    }
  }

  private namespace(part: string, namespace: string): k8s.core.v1.Namespace {
    const withoutMesh = this.args.mesh ? notInjected : {};
    const annotations = this.meshOf(namespace) ? meshAnnotations() : withoutMesh;
    const created = new k8s.core.v1.Namespace(
      `${this.name}-${part}`,
      { metadata: { name: namespace, annotations } },
      { parent: this },
    );
    this.namespaces.push(created);
    return created;
  }

  private meshOf(namespace: string): Mesh | undefined {
    const { mesh, meshNamespaces } = this.args;
    return (meshNamespaces?.includes(namespace) ?? true) ? mesh : undefined;
  }
}

function urls(services: Record<string, ServiceArgs>, domain: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(services).map(([service, { namespace = "default" }]) => [
      service,
      `http://${service}.${namespace}.${domain}`,
    ]),
  );
}
