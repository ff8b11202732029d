import * as k8s from "@pulumi/kubernetes";
import { podAnnotations } from "../../kubernetes/mesh";
import { helmRelease } from "../../kubernetes/helm-release";
import { ingress } from "./ingress";
import type { IngressContext, Proxy } from "./proxy";

/**
 * Creates the proxy ingress-nginx, as in the guides. Source: https://github.com/kubernetes/ingress-nginx, which was
 * retired in March 2026.
 */
export function nginx(context: IngressContext): Proxy {
  const { name, parent, args } = context;
  const namespace = new k8s.core.v1.Namespace(
    `${name}-namespace`,
    { metadata: { name: args.namespace ?? "ingress-nginx" } },
    { parent },
  );
  const chart = helmRelease(
    `${name}-proxy`,
    {
      releaseName: "ingress-nginx",
      chart: context.charts.chart("ingress-nginx"),
      namespace: namespace.metadata.name,
      values: {
        controller: {
          replicaCount: args.replicas ?? 1,
          podAnnotations: args.mesh ? podAnnotations(args.mesh) : {},
          // This component creates the Service, so that a plan shows it. The controller finds it by its name.
          service: { enabled: false },
          ...(args.l5dDstOverride && {
            allowSnippetAnnotations: true,
            config: { "annotations-risk-level": "Critical" },
          }),
        },
      },
    },
    { parent },
  );
  return {
    release: chart,
    namespace,
    service: {
      name: "ingress-nginx-controller",
      selector: {
        "app.kubernetes.io/name": "ingress-nginx",
        "app.kubernetes.io/instance": "ingress-nginx",
        "app.kubernetes.io/component": "controller",
      },
      ports: { http: "http", https: "https" },
    },
    http01: { ingress: { ingressClassName: "nginx" } },
    certificateNamespace: (host) => host.backend.namespace,
    serve: (hosts) => {
      // The admission webhook must exist before the Ingresses.
      for (const host of hosts) ingress(host, context, { className: "nginx", dependsOn: [chart] });
    },
  };
}
