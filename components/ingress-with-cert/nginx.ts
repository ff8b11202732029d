import * as k8s from "@pulumi/kubernetes";
import { drainSeconds, onDifferentNodes } from "../../kubernetes/availability";
import { podAnnotations } from "../../kubernetes/mesh";
import { helmRelease } from "../../kubernetes/helm-release";
import { clientPorts, type IngressWithCertArgs, proxyServices } from "./args";
import { ingress } from "./ingress";
import type { IngressContext, Proxy } from "./proxy";

/** The labels of the chart's pods. */
const podLabels = {
  "app.kubernetes.io/name": "ingress-nginx",
  "app.kubernetes.io/instance": "ingress-nginx",
  "app.kubernetes.io/component": "controller",
};

/**
 * Creates the proxy ingress-nginx, as in the guides. Source: https://github.com/kubernetes/ingress-nginx, which was
 * retired in March 2026.
 */
export function nginx(context: IngressContext): Proxy {
  const { name, parent, args } = context;
  const { replicas = 1 } = args;
  const namespace = new k8s.core.v1.Namespace(
    `${name}-namespace`,
    { metadata: { name: args.namespace ?? proxyServices.nginx.namespace } },
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
          // With more than one the chart creates a PodDisruptionBudget.
          replicaCount: replicas,
          podAnnotations: args.mesh ? podAnnotations(args.mesh) : {},
          // This component creates the Service, so that a plan shows it. The controller finds it by its name.
          service: { enabled: false },
          ...(replicas > 1 && { affinity: onDifferentNodes(podLabels) }),
          ...portValues(args),
          ...(args.l5dDstOverride && { allowSnippetAnnotations: true }),
        },
      },
    },
    { parent },
  );
  return {
    release: chart,
    namespace,
    service: {
      name: proxyServices.nginx.name,
      selector: podLabels,
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

/**
 * The settings of the controller that depend on the port at which clients reach HTTPS. A redirect can name only the port
 * on which nginx itself listens.
 */
function portValues(args: IngressWithCertArgs): object {
  const { https } = clientPorts(args);
  const isOther = https !== undefined && https !== 443;
  const config = {
    ...(args.l5dDstOverride && { "annotations-risk-level": "Critical" }),
    ...(isOther && { "use-port-in-redirects": "true" }),
  };
  return {
    extraArgs: {
      "shutdown-grace-period": String(drainSeconds),
      ...(isOther && { "https-port": String(https) }),
    },
    ...(isOther && { containerPort: { http: 80, https } }),
    ...(https === webhookPort && { admissionWebhooks: { port: webhookPort + 1 } }),
    ...(Object.keys(config).length > 0 && { config }),
  };
}

/** The port of the chart's admission webhook. */
const webhookPort = 8443;
