import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { CanarySplitArgs } from "./args";
import { check } from "./check";
import { canary } from "./progressive";
import { thousandths, totalWeight } from "./weights";

export type { Backend, CanarySplitArgs, GatewayRef, ProgressiveArgs } from "./args";

/** The port of OpenFaaS's gateway and of every function. */
const port = 8080;

interface Share {
  service: string;
  /** In thousandths. */
  share: number;
}

/**
 * Splits the calls of one function between other functions, by weight. It creates one object, or two with `smi`: a change
 * of the weights updates it, and removing it sends all calls to the root again.
 *
 * ```ts
 * new CanarySplit("canary-echo", {
 *   root: "echo",
 *   backends: [{ service: "echo-green", weight: "900m" }, { service: "echo-blue", weight: "100m" }],
 *   known: ["echo", "echo-green", "echo-blue"],
 *   gateway: { name: "traefik", namespace: "traefik", host: "gateway.example.com" },
 * });
 * ```
 *
 * Source: the `TrafficSplit` of the guide "OpenFaaS + Linkerd2", https://gateway-api.sigs.k8s.io/guides/traffic-splitting/
 * and https://docs.flagger.app/tutorials/linkerd-progressive-delivery.
 */
export class CanarySplit extends pulumi.ComponentResource {
  /** The function whose calls are split. */
  readonly root: string;

  /** The share of each backend, in percent, by function. Empty with `progressive`, where Flagger sets the shares. */
  readonly shares: Readonly<Record<string, number>>;

  /** The object that splits the calls, in the format of kubectl: `httproute/canary-echo`. */
  readonly object: pulumi.Output<string>;

  /**
   * Creates the object that splits the calls: an HTTPRoute, a TrafficSplit, or a Canary of Flagger.
   *
   * @param name the name of the component, and the prefix of the names of its resources
   * @param args the arguments
   * @param opts options of the component. Depend on the functions, and on the ingress or the mesh
   * @throws UserError if a function is unknown, if the weights do not add up to 1000m, or if the split would have no
   *   effect. All errors are reported together
   */
  constructor(name: string, args: CanarySplitArgs, opts?: pulumi.ComponentResourceOptions) {
    check(name, args);
    super("faasmesh:index:CanarySplit", name, {}, opts);
    this.root = args.root;
    const backends = (args.backends ?? []).map(({ service, weight }) => ({
      service,
      share: thousandths(weight) ?? 0,
    }));
    const dependsOn = args.mode === "smi" ? [this.profile(name, args, backends)] : [];
    const { kind, metadata } = new k8s.apiextensions.CustomResource(`${name}-split`, split(args, backends), {
      parent: this,
      dependsOn,
    });
    this.shares = Object.fromEntries(backends.map(({ service, share }) => [service, share / 10]));
    this.object = pulumi.interpolate`${kind}/${metadata.name}`.apply((object) => object.toLowerCase());
    this.registerOutputs({ shares: this.shares, object: this.object });
  }

  /**
   * Creates the ServiceProfile that Linkerd's SMI adaptor would create from the TrafficSplit, and keeps up to date. The
   * adaptor never deletes it, and while it splits calls, Linkerd ignores HTTPRoutes of the same Service. As a resource it
   * is deleted after the TrafficSplit, even in a run that also removes the adaptor.
   */
  private profile(name: string, args: CanarySplitArgs, backends: Share[]): pulumi.Resource {
    return new k8s.apiextensions.CustomResource(`${name}-profile`, serviceProfile(args, backends), {
      parent: this,
    });
  }
}

function split(args: CanarySplitArgs, backends: Share[]): k8s.apiextensions.CustomResourceArgs {
  if (args.progressive) return canary(args, args.progressive, port);
  switch (args.mode ?? "edge") {
    case "edge":
      return edge(args, backends);
    case "mesh":
      return mesh(args, backends);
    case "smi":
      return smi(args, backends);
  }
}

const httpRoute = { apiVersion: "gateway.networking.k8s.io/v1", kind: "HTTPRoute" };
const path = (service: string): string => `/function/${service}`;
const objectName = ({ root }: CanarySplitArgs): string => `canary-${root}`;

/** All backends are OpenFaaS's gateway, with different functions in the path, so that its metrics and scaling still work. */
function edge(args: CanarySplitArgs, backends: Share[]): k8s.apiextensions.CustomResourceArgs {
  const { name, namespace, sectionName, host } = args.gateway ?? { name: "", namespace: "" };
  return {
    ...httpRoute,
    metadata: { name: objectName(args), namespace: args.namespace ?? "openfaas" },
    spec: {
      parentRefs: [{ name, namespace, ...(sectionName && { sectionName }) }],
      ...(host && { hostnames: [host] }),
      rules: [
        {
          matches: [{ path: { type: "PathPrefix", value: path(args.root) } }],
          backendRefs: backends.map(({ service, share }) => ({
            name: "gateway",
            port,
            weight: share,
            filters: [
              {
                type: "URLRewrite",
                urlRewrite: { path: { type: "ReplacePrefixMatch", replacePrefixMatch: path(service) } },
              },
            ],
          })),
        },
      ],
    },
  };
}

/** Linkerd requires `group` and `port`, although the Gateway API has defaults for them. */
function mesh(args: CanarySplitArgs, backends: Share[]): k8s.apiextensions.CustomResourceArgs {
  return {
    ...httpRoute,
    metadata: { name: objectName(args), namespace: args.functionNamespace ?? "openfaas-fn" },
    spec: {
      parentRefs: [{ group: "core", kind: "Service", name: args.root, port }],
      rules: [
        { backendRefs: backends.map(({ service, share }) => ({ name: service, port, weight: share })) },
      ],
    },
  };
}

function smi(args: CanarySplitArgs, backends: Share[]): k8s.apiextensions.CustomResourceArgs {
  return {
    apiVersion: "split.smi-spec.io/v1alpha1",
    kind: "TrafficSplit",
    metadata: { name: objectName(args), namespace: args.functionNamespace ?? "openfaas-fn" },
    spec: {
      service: args.root,
      backends: backends.map(({ service, share }) => ({ service, weight: `${share}m` })),
    },
  };
}

/** The object and its values are written as the adaptor writes them, so that neither changes what the other wrote. */
function serviceProfile(args: CanarySplitArgs, backends: Share[]): k8s.apiextensions.CustomResourceArgs {
  const namespace = args.functionNamespace ?? "openfaas-fn";
  const authority = (service: string) => `${service}.${namespace}.svc.cluster.local`;
  return {
    apiVersion: "linkerd.io/v1alpha2",
    kind: "ServiceProfile",
    metadata: {
      name: authority(args.root),
      namespace,
      // The adaptor can have created it, in a run of an older version.
      annotations: { "pulumi.com/patchForce": "true" },
    },
    spec: {
      dstOverrides: backends.map(({ service, share }) => ({
        authority: authority(service),
        weight: share % totalWeight === 0 ? String(share / totalWeight) : `${share}m`,
      })),
    },
  };
}
