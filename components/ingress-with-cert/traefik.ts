import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { disruptionBudget, drainSeconds, onDifferentNodes } from "../../kubernetes/availability";
import { podAnnotations } from "../../kubernetes/mesh";
import { helmRelease } from "../../kubernetes/helm-release";
import {
  clientPorts,
  entryPoints,
  exposureOf,
  ingressClass,
  isProtected,
  privateEntryPoint,
  proxyServices,
} from "./args";
import { ingress } from "./ingress";
import type { IngressContext, Proxy, ServedHost, ServedName } from "./proxy";

/** The names of the Gateway, its class, and its HTTP listener. Other routes, such as those of canaries, attach to it. */
export const gateway = { name: "traefik", className: "traefik", http: "web" };

const namespaceOf = ({ args }: IngressContext): string => args.namespace ?? proxyServices.traefik.namespace;

/** Returns the name of a host's listener in the Gateway. */
export const httpsListener = (id: string): string => `https-${id}`;

const gatewayApi = "gateway.networking.k8s.io";
const parentRef = (context: IngressContext, sectionName: string) => ({
  group: gatewayApi,
  kind: "Gateway",
  name: gateway.name,
  namespace: namespaceOf(context),
  sectionName,
});

const serviceName = proxyServices.traefik.name;

/** The labels of the chart's pods: the name of the release and the namespace. */
const podLabels = (context: IngressContext): Record<string, string> => ({
  "app.kubernetes.io/name": "traefik",
  "app.kubernetes.io/instance": `traefik-${namespaceOf(context)}`,
});

/**
 * Creates the proxy Traefik, with the Gateway API. Protected hosts are Ingresses with annotations of ingress-nginx: the
 * Gateway API has no authentication, and Traefik's own needs 25 CRDs, which Helm never deletes.
 *
 * Source: chart `traefik`, https://doc.traefik.io/traefik/reference/install-configuration/providers/kubernetes/.
 */
export function traefik(context: IngressContext): Proxy {
  const { name, parent } = context;
  const namespace = new k8s.core.v1.Namespace(
    `${name}-namespace`,
    { metadata: { name: namespaceOf(context) } },
    { parent },
  );
  const chart = helmRelease(
    `${name}-proxy`,
    {
      releaseName: "traefik",
      chart: context.charts.chart("traefik"),
      namespace: namespace.metadata.name,
      values: values(context),
      skipCrds: true,
    },
    { parent, dependsOn: context.gatewayApi },
  );
  const selector = podLabels(context);
  if (context.args.knative) privateService(context, namespace, selector);
  return {
    release: chart,
    namespace,
    service: {
      name: serviceName,
      selector,
      ports: { http: "web", https: "websecure" },
    },
    http01: { gatewayHTTPRoute: { parentRefs: [parentRef(context, gateway.http)] } },
    gatewayOf: (id) => ({
      name: gateway.name,
      namespace: namespaceOf(context),
      sectionName: httpsListener(id),
    }),
    certificateNamespace: (host) => (isProtected(host) ? host.backend.namespace : namespace.metadata.name),
    serve: (hosts, httpsPort, knative) => {
      const openHosts = hosts.filter((host) => !isProtected(host));
      const names = [...openHosts, ...knative];
      const gatewayResource = createGateway(context, namespace, hosts, names);
      for (const host of openHosts) route(host, context, gatewayResource);
      const { http, https } = clientPorts(context.args);
      const toPort = http !== 80 || https !== 443 ? httpsPort : undefined;
      // An Ingress redirects its host to port 443 itself, and to no other.
      const redirected = toPort === undefined ? names : [...hosts, ...knative];
      redirects(redirected, toPort, context, gatewayResource);
      const protectedHosts = hosts.filter(isProtected);
      if (protectedHosts.length > 0) protectedIngresses(protectedHosts, context);
    },
  };
}

/**
 * A pod that is deleted accepts requests until no client sends it any, then finishes those that it has: together less
 * than the chart's `terminationGracePeriodSeconds`, 60.
 */
const gracefulShutdown = {
  lifeCycle: { requestAcceptGraceTimeout: `${drainSeconds}s`, graceTimeOut: "45s" },
};

function values(context: IngressContext): pulumi.Inputs {
  const { args } = context;
  const { replicas = 1 } = args;
  const hasProtectedHost = Object.values(args.hosts).some(isProtected);
  const additionalArguments = [
    ...(exposureOf(args) === "loadBalancer"
      ? [
          `--providers.kubernetesgateway.statusaddress.service.name=${serviceName}`,
          `--providers.kubernetesgateway.statusaddress.service.namespace=${namespaceOf(context)}`,
        ]
      : []),
    ...(args.knative ? knativeArguments(namespaceOf(context)) : []),
  ];
  return {
    providers: {
      // Uses the address of a Service instead of its pods, so that the mesh balances the load.
      kubernetesGateway: { enabled: true, nativeLBByDefault: true },
      kubernetesIngressNGINX: {
        enabled: hasProtectedHost,
        ingressClass: ingressClass.name,
        controllerClass: ingressClass.controller,
      },
      kubernetesCRD: { enabled: false },
      kubernetesIngress: { enabled: false },
      ...(args.knative && { knative: { enabled: true } }),
    },
    ...(args.knative && { experimental: { knative: true } }),
    // This component creates these objects, with the hosts, so that a plan shows them.
    gateway: { enabled: false },
    gatewayClass: { enabled: false },
    ingressClass: { enabled: false },
    api: { dashboard: false },
    global: { checkNewVersion: false },
    deployment: {
      replicas,
      podAnnotations: args.mesh ? podAnnotations(args.mesh) : {},
    },
    ports: {
      web: { transport: gracefulShutdown },
      websecure: { transport: gracefulShutdown },
      ...(args.knative && {
        [privateEntryPoint.name]: {
          port: privateEntryPoint.port,
          exposedPort: 80,
          expose: { default: false },
          protocol: "TCP",
          transport: gracefulShutdown,
        },
      }),
    },
    ...(replicas > 1 && {
      podDisruptionBudget: { enabled: true, ...disruptionBudget },
      affinity: onDifferentNodes(podLabels(context)),
    }),
    // This component creates the Service, so that a plan shows it. Its address is in the Gateway's status.
    service: { enabled: false },
    ...(additionalArguments.length > 0 && { additionalArguments }),
  };
}

/**
 * The provider of Knative, as arguments of Traefik, because the chart has no values for them. Services that are visible
 * only in the cluster have routes only at the private entry point. A service is ready when Traefik has its routes:
 * without a throttle it would report that before.
 */
function knativeArguments(namespace: string): string[] {
  return [
    "publicEntrypoints=websecure",
    `publicService.name=${serviceName}`,
    `publicService.namespace=${namespace}`,
    `privateEntrypoints=${privateEntryPoint.name}`,
    `privateService.name=${privateEntryPoint.service}`,
    `privateService.namespace=${namespace}`,
    "throttleDuration=2s",
  ].map((argument) => `--providers.knative.${argument}`);
}

/** Creates the Service of requests from inside the cluster. Knative makes each service an alias of it. */
function privateService(
  { name, parent }: IngressContext,
  namespace: k8s.core.v1.Namespace,
  selector: Record<string, string>,
): void {
  new k8s.core.v1.Service(
    `${name}-internal-service`,
    {
      metadata: {
        name: privateEntryPoint.service,
        namespace: namespace.metadata.name,
        annotations: { "pulumi.com/skipAwait": "true" },
      },
      spec: {
        type: "ClusterIP",
        selector,
        ports: [{ name: "http", port: 80, targetPort: privateEntryPoint.name }],
      },
    },
    { parent },
  );
}

function createGateway(
  context: IngressContext,
  namespace: k8s.core.v1.Namespace,
  hosts: ServedHost[],
  names: ServedName[],
): pulumi.Resource {
  const { name, parent } = context;
  const gatewayClass = new k8s.apiextensions.CustomResource(
    `${name}-gateway-class`,
    {
      apiVersion: `${gatewayApi}/v1`,
      kind: "GatewayClass",
      metadata: { name: gateway.className },
      spec: { controllerName: "traefik.io/gateway-controller" },
    },
    { parent, dependsOn: context.gatewayApi },
  );
  // A route is in the namespace of its backend, so that it does not need a ReferenceGrant.
  const namespaces = pulumi
    .all([namespaceOf(context), ...hosts.map(({ backend }) => backend.namespace)])
    .apply((all) => [...new Set(all)].sort());
  const from = [{ key: "kubernetes.io/metadata.name", operator: "In", values: namespaces }];
  const allowedRoutes = { namespaces: { from: "Selector", selector: { matchExpressions: from } } };
  return new k8s.apiextensions.CustomResource(
    `${name}-gateway`,
    {
      apiVersion: `${gatewayApi}/v1`,
      kind: "Gateway",
      metadata: { name: gateway.name, namespace: namespace.metadata.name },
      spec: {
        gatewayClassName: gateway.className,
        listeners: [
          { name: gateway.http, port: entryPoints.web, protocol: "HTTP", allowedRoutes },
          ...names.map(({ id, hostname, secretName }) => ({
            name: httpsListener(id),
            port: entryPoints.websecure,
            protocol: "HTTPS",
            hostname,
            tls: { mode: "Terminate", certificateRefs: [{ group: "", kind: "Secret", name: secretName }] },
            allowedRoutes,
          })),
        ],
      },
    },
    { parent, dependsOn: [gatewayClass] },
  );
}

const matchAll = [{ path: { type: "PathPrefix", value: "/" } }];

function route(host: ServedHost, context: IngressContext, gatewayResource: pulumi.Resource): void {
  const { name, parent } = context;
  const { id, hostname, backend, upstreamHost, dependsOn = [] } = host;
  const rewrite = [{ type: "URLRewrite", urlRewrite: { hostname: upstreamHost } }];
  new k8s.apiextensions.CustomResource(
    `${name}-${id}-route`,
    {
      apiVersion: `${gatewayApi}/v1`,
      kind: "HTTPRoute",
      metadata: { name: `ingress-${id}`, namespace: backend.namespace },
      spec: {
        parentRefs: [parentRef(context, httpsListener(id))],
        hostnames: [hostname],
        rules: [
          {
            matches: matchAll,
            ...(upstreamHost !== undefined && { filters: rewrite }),
            backendRefs: [{ group: "", kind: "Service", name: backend.name, port: backend.port, weight: 1 }],
          },
        ],
      },
    },
    { parent, dependsOn: [gatewayResource, ...dependsOn] },
  );
}

/** The maximum number of hostnames of an HTTPRoute. */
const maxHostnames = 16;

/**
 * Redirects HTTP to HTTPS, except for challenges of Let's Encrypt: their exact path takes precedence.
 *
 * @param port the port of the redirect. Default: the port of the request, so that a URL without a port gets none
 */
function redirects(
  names: ServedName[],
  port: pulumi.Input<number> | undefined,
  context: IngressContext,
  gatewayResource: pulumi.Resource,
): void {
  const { name, parent, args } = context;
  const requestRedirect = { scheme: "https", statusCode: 301, ...(port !== undefined && { port }) };
  // In Traefik a regular expression takes precedence over the routes of Ingresses, a prefix "/" does not.
  const matches =
    port !== undefined && Object.values(args.hosts).some(isProtected)
      ? [{ path: { type: "RegularExpression", value: "/.*" } }]
      : matchAll;
  const hostnames = names.map(({ hostname }) => hostname);
  for (let first = 0; first < hostnames.length; first += maxHostnames) {
    const suffix = first === 0 ? "" : `-${first / maxHostnames + 1}`;
    new k8s.apiextensions.CustomResource(
      `${name}-redirect${suffix}`,
      {
        apiVersion: `${gatewayApi}/v1`,
        kind: "HTTPRoute",
        metadata: { name: `https-redirect${suffix}`, namespace: namespaceOf(context) },
        spec: {
          parentRefs: [parentRef(context, gateway.http)],
          hostnames: hostnames.slice(first, first + maxHostnames),
          rules: [{ matches, filters: [{ type: "RequestRedirect", requestRedirect }] }],
        },
      },
      { parent, dependsOn: [gatewayResource] },
    );
  }
}

function protectedIngresses(hosts: ServedHost[], context: IngressContext): void {
  const traefikClass = new k8s.networking.v1.IngressClass(
    `${context.name}-ingress-class`,
    { metadata: { name: ingressClass.name }, spec: { controller: ingressClass.controller } },
    { parent: context.parent },
  );
  for (const host of hosts) ingress(host, context, { className: traefikClass.metadata.name, dependsOn: [] });
}
