import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { ManifestValues } from "../../charts/manifest";
import { afterMesh, type Mesh, meshAnnotations, notInjected } from "../../kubernetes/mesh";
import type { Charts } from "../../charts/args";
import { chartsFor } from "../../charts/on-demand";
import { httpsUrl } from "../ingress-with-cert/args";
import type { IngressWithCert } from "../ingress-with-cert/index";
import { helmRelease } from "../../kubernetes/helm-release";
import {
  coreNamespace,
  domainOf,
  type InstalledLayer,
  type KnativeServingArgs,
  layerNamespace,
  layerNamespaces,
  registries,
  type ServiceArgs,
  serviceNamespaces,
} from "./args";
import { check } from "./check";
import { ingressClasses, layers, pods } from "./layers";
import { keepPods, serviceObject } from "./service";

export { knativeHostnames } from "./args";

/** The objects of Knative's manifest that are not installed. */
const omitted = [
  `Namespace/${coreNamespace}`,
  // Needed only for TLS between the components of Knative. It also needs the webhook of cert-manager.
  `Certificate/${coreNamespace}/routing-serving-certs`,
];

/**
 * What the ingress does with HTTP and HTTPS: the scheme of URLs in the status of services, and redirects. The latter are
 * in the spec of Ingresses. Traefik sets the address of an Ingress of another layer only when its spec changes.
 */
const httpsOnly = { "default-external-scheme": "https", "http-protocol": "Redirected" };

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

    const { ingress, layer = "ambassador" } = args;
    const core = this.core(this.namespace(coreNamespace, coreNamespace));
    this.domain = this.chosenDomain();
    const settings = this.settings(core);
    const proxy = layer === "traefik" ? ingress! : this.layer(layer, core);
    this.ready = [proxy.ready, ...settings];
    this.services();

    this.gateway = proxy.service;
    this.urls = pulumi
      .all([this.domain, ingress?.httpsPort])
      .apply(([domain, port]) => urls(args.services ?? {}, domain, port));
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

  /** Installs the networking layer in a namespace of its own. */
  private layer(layer: InstalledLayer, core: pulumi.Resource): Pick<IngressWithCert, "ready" | "service"> {
    const { service, install } = layers[layer];
    const namespaceName = layerNamespace(this.args)!;
    const namespace = this.namespace(layerNamespaces[layer], namespaceName);
    const ready = install(
      this.name,
      {
        ...{ charts: this.charts, gateway: this.args.gateway, namespace, namespaceName },
        meshOf: (each) => this.meshOf(each),
      },
      { parent: this, dependsOn: [core] },
    );
    return { ready, service: { namespace: namespace.metadata.name, name: service } };
  }

  private chosenDomain(): pulumi.Output<string> {
    const { domain, address } = this.args;
    return pulumi.all([domain, address]).apply(([domain, address]) => domainOf({ domain, address }));
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
      patch("config-network", {
        "ingress-class": ingressClasses[layer],
        ...(layer === "traefik" && httpsOnly),
      }),
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
      const object = serviceObject(
        `${this.name}-${service}`,
        { ...args, service, injection },
        { parent: this, dependsOn: [...this.ready, ...(created ? [created] : [])] },
      );
      if ((this.args.layer ?? "ambassador") === "ambassador")
        keepPods(`${this.name}-${service}`, { ...args, service }, { parent: this, dependsOn: [object] });
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

/** Returns the URL of each service. @param httpsPort the port of HTTPS; `undefined` without TLS */
function urls(
  services: Record<string, ServiceArgs>,
  domain: string,
  httpsPort: number | undefined,
): Record<string, string> {
  const urlOf = ([service, { namespace = "default", visibility }]: [string, ServiceArgs]) => {
    if (visibility === "cluster-local") return `http://${service}.${namespace}.svc.cluster.local`;
    const hostname = `${service}.${namespace}.${domain}`;
    return httpsPort === undefined ? `http://${hostname}` : httpsUrl(hostname, httpsPort);
  };
  return Object.fromEntries(Object.entries(services).map((entry) => [entry[0], urlOf(entry)]));
}
