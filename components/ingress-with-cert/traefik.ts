import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { podAnnotations } from "../../kubernetes/mesh";
import { helmRelease } from "../../kubernetes/helm-release";
import { entryPoints, exposureOf, ingressClass, isProtected } from "./args";
import { ingress } from "./ingress";
import type { IngressContext, Proxy, Served } from "./proxy";

/** The Gateway and its class, and the listener of plain HTTP. Routes of others, such as canaries, attach to it. */
export const gateway = { name: "traefik", className: "traefik", http: "web" };

const namespaceOf = ({ args }: IngressContext): string => args.namespace ?? "traefik";

/** The Gateway's listener of a host. */
export const httpsListener = (id: string): string => `https-${id}`;

const gatewayApi = "gateway.networking.k8s.io";
const parentRef = (context: IngressContext, sectionName: string) => ({
  group: gatewayApi,
  kind: "Gateway",
  name: gateway.name,
  namespace: namespaceOf(context),
  sectionName,
});

const serviceName = "traefik";

/**
 * Traefik by the Gateway API. Protected hosts are Ingresses with annotations of ingress-nginx, since the
 * Gateway API has no authentication, and Traefik's own needs 25 CRDs, which Helm would never remove.
 *
 * Values: chart `traefik`, https://doc.traefik.io/traefik/reference/install-configuration/providers/kubernetes/.
 */
export function traefik(context: IngressContext): Proxy {
  const { name, parent, args } = context;
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
  return {
    release: chart,
    namespace,
    service: {
      name: serviceName,
      selector: { "app.kubernetes.io/name": "traefik", "app.kubernetes.io/instance": "traefik-traefik" },
      ports: { http: "web", https: "websecure" },
    },
    http01: { gatewayHTTPRoute: { parentRefs: [parentRef(context, gateway.http)] } },
    gatewayOf: (id) => ({
      name: gateway.name,
      namespace: namespaceOf(context),
      sectionName: httpsListener(id),
    }),
    certificateNamespace: (host) => (isProtected(host) ? host.backend.namespace : namespace.metadata.name),
    serve: (hosts, httpsPort) => {
      const open = hosts.filter((host) => !isProtected(host));
      const gatewayResource = createGateway(context, namespace, hosts, open);
      for (const host of open) route(host, context, gatewayResource);
      if (open.length > 0) redirect(open, httpsPort, context, gatewayResource);
      const guarded = hosts.filter(isProtected);
      if (guarded.length > 0) protectedIngresses(guarded, context);
    },
  };
}

function values(context: IngressContext): pulumi.Inputs {
  const { args } = context;
  const isGuarded = Object.values(args.hosts).some(isProtected);
  return {
    providers: {
      // `nativeLB`: the Service's address in place of its pods', so that the mesh balances.
      kubernetesGateway: { enabled: true, nativeLBByDefault: true },
      kubernetesIngressNGINX: {
        enabled: isGuarded,
        ingressClass: ingressClass.name,
        controllerClass: ingressClass.controller,
      },
      kubernetesCRD: { enabled: false },
      kubernetesIngress: { enabled: false },
    },
    // Ours are visible in a plan, and know the hosts.
    gateway: { enabled: false },
    gatewayClass: { enabled: false },
    ingressClass: { enabled: false },
    api: { dashboard: false },
    global: { checkNewVersion: false },
    deployment: {
      replicas: args.replicas ?? 1,
      podAnnotations: args.mesh ? podAnnotations(args.mesh) : {},
    },
    // Ours is visible in a plan; the Gateway's status gets its address.
    service: { enabled: false },
    ...(exposureOf(args) === "loadBalancer" && {
      additionalArguments: [
        `--providers.kubernetesgateway.statusaddress.service.name=${serviceName}`,
        `--providers.kubernetesgateway.statusaddress.service.namespace=${namespaceOf(context)}`,
      ],
    }),
  };
}

function createGateway(
  context: IngressContext,
  namespace: k8s.core.v1.Namespace,
  hosts: Served[],
  open: Served[],
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
  // Routes are beside their backends, so that none crosses namespaces and needs a grant.
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
          ...open.map(({ id, hostname, secretName }) => ({
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

const everything = [{ path: { type: "PathPrefix", value: "/" } }];

function route(host: Served, context: IngressContext, gatewayResource: pulumi.Resource): void {
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
            matches: everything,
            ...(upstreamHost !== undefined && { filters: rewrite }),
            backendRefs: [{ group: "", kind: "Service", name: backend.name, port: backend.port, weight: 1 }],
          },
        ],
      },
    },
    { parent, dependsOn: [gatewayResource, ...dependsOn] },
  );
}

/** Challenges of Let's Encrypt are not redirected: their exact path comes first. */
function redirect(
  hosts: Served[],
  httpsPort: pulumi.Input<number>,
  context: IngressContext,
  gatewayResource: pulumi.Resource,
): void {
  const { name, parent, args } = context;
  const isOther = args.httpsPort !== undefined || exposureOf(args) === "nodePort";
  const requestRedirect = { scheme: "https", statusCode: 301, ...(isOther && { port: httpsPort }) };
  new k8s.apiextensions.CustomResource(
    `${name}-redirect`,
    {
      apiVersion: `${gatewayApi}/v1`,
      kind: "HTTPRoute",
      metadata: { name: "https-redirect", namespace: namespaceOf(context) },
      spec: {
        parentRefs: [parentRef(context, gateway.http)],
        hostnames: hosts.map(({ hostname }) => hostname),
        rules: [{ matches: everything, filters: [{ type: "RequestRedirect", requestRedirect }] }],
      },
    },
    { parent, dependsOn: [gatewayResource] },
  );
}

function protectedIngresses(hosts: Served[], context: IngressContext): void {
  const ofTraefik = new k8s.networking.v1.IngressClass(
    `${context.name}-ingress-class`,
    { metadata: { name: ingressClass.name }, spec: { controller: ingressClass.controller } },
    { parent: context.parent },
  );
  for (const host of hosts) ingress(host, context, { className: ofTraefik.metadata.name, dependsOn: [] });
}
