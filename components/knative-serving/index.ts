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

/** What is left out of Knative's manifest. */
const omitted = [
  `Namespace/${coreNamespace}`,
  // Used only where Knative's own parts speak TLS by cert-manager. Its webhook must admit it, and is not there yet.
  `Certificate/${coreNamespace}/routing-serving-certs`,
];

/**
 * Knative Serving with a networking layer, and services with their revisions and traffic.
 *
 * Knative's settings are patched into its ConfigMaps key by key, so that each shows in a preview, upstream's other
 * keys stay, and an upgrade of the manifest leaves ours.
 *
 * ```ts
 * new KnativeServing("knative", {
 *   charts,
 *   services: { "helloworld-go": { image: "ghcr.io/knative/helloworld-go:latest", env: { TARGET: "World" } } },
 * });
 * ```
 */
export class KnativeServing extends pulumi.ComponentResource {
  /** The domain below which services are reached. */
  readonly domain: pulumi.Output<string>;

  /** The URL of each service by its name. */
  readonly urls: pulumi.Output<Record<string, string>>;

  /** The Service that requests from outside the cluster go to. */
  readonly gateway: { namespace: pulumi.Output<string>; name: string };

  /** What depends on Knative and its layer waits for this. */
  readonly ready: pulumi.Resource[];

  /** The namespaces that it makes. */
  readonly namespaces: pulumi.Resource[] = [];

  private readonly args: KnativeServingArgs;
  private readonly name: string;
  private readonly charts: Charts;

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

  /** Knative's manifest, as two releases: it holds objects of its own definitions. */
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
    // sslip.io writes the colons of an IPv6 address as hyphens.
    return pulumi.output(
      domain ?? pulumi.output(address).apply((ip) => `${ip.replaceAll(":", "-")}.sslip.io`),
    );
  }

  private settings(core: pulumi.Resource): pulumi.Resource[] {
    const { layer = "ambassador", targetBurstCapacity, resolveTags = true } = this.args;
    const untouched = resolveTags ? [] : registries(this.args);
    const skipped = [...(this.args.skipTagResolving ?? []), ...untouched];
    const burst = targetBurstCapacity ?? (layer === "ambassador" ? 0 : undefined);
    const patch = (config: string, data: pulumi.Input<Record<string, pulumi.Input<string>>>) =>
      new k8s.core.v1.ConfigMapPatch(
        `${this.name}-${config}`,
        {
          metadata: {
            name: config,
            namespace: coreNamespace,
            // A run that was killed may have left another owner of the same key.
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
      ...(skipped.length > 0
        ? [patch("config-deployment", { "registries-skipping-tag-resolving": skipped.join(",") })]
        : []),
    ];
  }

  private services(): void {
    const { services = {}, existingNamespaces = ["default"] } = this.args;
    const own = serviceNamespaces(this.args).filter((namespace) => !existingNamespaces.includes(namespace));
    const namespaces = new Map(own.map((namespace) => [namespace, this.namespace(namespace, namespace)]));
    for (const [service, args] of Object.entries(services)) {
      const { namespace = "default" } = args;
      const made = namespaces.get(namespace);
      const injection = !made && this.meshOf(namespace) ? "pods" : "namespace";
      serviceObject(
        `${this.name}-${service}`,
        { ...args, service, injection },
        { parent: this, dependsOn: [...this.ready, ...(made ? [made] : [])] },
      );
    }
  }

  private namespace(part: string, namespace: string): k8s.core.v1.Namespace {
    const unmeshed = this.args.mesh ? notInjected : {};
    const annotations = this.meshOf(namespace) ? meshAnnotations() : unmeshed;
    const made = new k8s.core.v1.Namespace(
      `${this.name}-${part}`,
      { metadata: { name: namespace, annotations } },
      { parent: this },
    );
    this.namespaces.push(made);
    return made;
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
