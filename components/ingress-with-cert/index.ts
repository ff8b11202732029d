import * as pulumi from "@pulumi/pulumi";
import type { Charts } from "../../charts/args";
import { chartsFor } from "../../charts/on-demand";
import { afterMesh } from "../../kubernetes/mesh";
import { GatewayApi } from "../gateway-api";
import type { GatewayRef } from "../canary-split/index";
import {
  hostnamesOf,
  httpsUrl,
  installsGatewayApi,
  type IngressWithCertArgs,
  isProtected,
  portForward,
} from "./args";
import { BasicAuth } from "./basic-auth";
import { CertManager } from "../cert-manager";
import { check } from "./check";
import { type DnsRecord, recordFor } from "./dns";
import { certificate, clusterIssuer, type Issuer } from "./issuer";
import { nginx } from "./nginx";
import type { IngressContext, Proxy, ServedHost, ServedName } from "./proxy";
import { exposeProxy, type ProxyAddress } from "./expose-proxy";
import { traefik } from "./traefik";

export type { HostArgs, IngressWithCertArgs, IssuerArgs, SolverArgs } from "./args";
export { platformHosts } from "./args";

/**
 * Serves hosts over HTTPS: a proxy, which can join the mesh, certificates of cert-manager, redirects from HTTP, and basic
 * authentication for backends without their own.
 *
 * ```ts
 * const mesh = new LinkerdMesh("mesh");
 * const openfaas = new OpenFaas("openfaas", { mesh });
 * const ingress = new IngressWithCert("ingress", {
 *   mesh,
 *   issuer: { kind: "letsencrypt-staging", email: "you@example.com" },
 *   hosts: {
 *     gateway: { hostname: "gateway.example.com", ...platformHosts.gateway, dependsOn: openfaas.namespaces },
 *   },
 *   loadBalancer: true,
 * });
 * export const urls = ingress.urls;
 * ```
 *
 * Source: the guides' ingress-nginx, cert-manager and `Issuer`, https://gateway-api.sigs.k8s.io/guides/http-routing/ and
 * https://cert-manager.io/docs/configuration/.
 */
export class IngressWithCert extends pulumi.ComponentResource {
  /** The IP addresses or names of the proxy. Empty if the cluster does not report any. */
  readonly addresses: pulumi.Output<string[]>;

  /**
   * The command that forwards port 8443 of this machine to the proxy, where the cluster reports no address for it;
   * `undefined` if it has one.
   */
  readonly portForward?: string;

  /** The URL of each host, by its name in `hosts` or `knative.hostnames`. */
  readonly urls: pulumi.Output<Record<string, string>>;

  /** The DNS records that resolve the hosts to the proxy, created with `dns` or not. Empty if the address is unknown. */
  readonly dnsRecords: pulumi.Output<DnsRecord[]>;

  /** The user of the protected hosts; `undefined` if no host is protected. */
  readonly username?: pulumi.Output<string>;

  /** The generated password of the protected hosts, a secret; `undefined` if no host is protected. */
  readonly password?: pulumi.Output<string>;

  /** The certificate of the authority, PEM, which clients must trust; `undefined` without `own-ca`. */
  readonly caCertificate?: pulumi.Output<string>;

  /** The Service of the proxy, which receives requests from outside the cluster. */
  readonly service: {
    /** The namespace of the Service. */
    namespace: pulumi.Output<string>;
    /** The name of the Service. */
    name: string;
  };

  /** The port at which clients reach HTTPS. */
  readonly httpsPort: pulumi.Output<number>;

  /** Whether the proxy serves Knative services: whether it has the argument `knative`. */
  readonly servesKnative: boolean;

  /** The release of the proxy. Other routes that use the proxy or its Gateway depend on it. */
  readonly ready: pulumi.Resource;

  /**
   * The Gateway of each host, by its name in `hosts`, for other routes such as those of `CanarySplit`. It does not
   * include protected hosts, and is empty with nginx.
   */
  readonly gateways: Readonly<Record<string, GatewayRef>>;

  /** The namespaces that this component creates. */
  readonly namespaces: pulumi.Resource[];

  private readonly context: IngressContext;

  /**
   * Installs the proxy, and cert-manager and the CRDs of the Gateway API unless they are provided. Creates the issuer,
   * and a certificate and a route for each host.
   *
   * @param name the name of the component, and the prefix of the names of its resources
   * @param args the arguments
   * @param opts options of the component. It waits for `ready` of the mesh
   * @throws UserError if arguments are invalid or contradict each other. All errors are reported together
   */
  constructor(name: string, args: IngressWithCertArgs, opts?: pulumi.ComponentResourceOptions) {
    check(name, args);
    const charts = chartsFor(args);
    super("faasmesh:index:IngressWithCert", name, {}, afterMesh(opts, args.mesh));
    this.context = { name, parent: this, args, charts, gatewayApi: this.gatewayApi(name, args, charts) };

    const isNginx = args.controller === "nginx";
    const certManager = this.certManager(!isNginx);
    const proxy = isNginx ? nginx(this.context) : traefik(this.context);
    const issuer = clusterIssuer(args.issuer, {
      name,
      parent: this,
      certManager: certManager ? [certManager] : [],
      certManagerNamespace:
        certManager?.namespace.metadata.name ?? args.certManagerNamespace ?? "cert-manager",
      http01: proxy.http01,
      awaitReady: args.awaitCertificates ?? false,
    });
    const auth = Object.values(args.hosts).some(isProtected) ? new BasicAuth(name, this) : undefined;
    const hosts = Object.entries(args.hosts).map(([id, host]): ServedHost => {
      const namespace = proxy.certificateNamespace(host);
      const { secretName } = certificate(id, host, issuer, { ...this.context, namespace });
      return { ...host, id, secretName, ...(isProtected(host) && { users: auth?.secret(id, host) }) };
    });
    const namespace = proxy.namespace.metadata.name;
    const proxyAddress = exposeProxy(proxy, this.context);
    proxy.serve(hosts, proxyAddress.httpsPort, this.knativeNames(issuer, proxy));

    this.service = { namespace, name: proxy.service.name };
    this.servesKnative = args.knative !== undefined;
    this.ready = proxy.release;
    this.gateways = Object.fromEntries(
      hosts
        .filter((host) => proxy.gatewayOf !== undefined && !isProtected(host))
        .map(({ id, hostname }) => [id, { ...proxy.gatewayOf!(id), host: hostname }]),
    );
    const ownCertManager = args.certManager === undefined ? certManager : undefined;
    this.namespaces = [proxy.namespace, ...(ownCertManager ? [ownCertManager.namespace] : [])];
    this.addresses = proxyAddress.addresses;
    this.httpsPort = proxyAddress.httpsPort;
    this.portForward = portForward(args);
    this.urls = this.urlsOf(proxyAddress);
    this.dnsRecords = this.records(proxyAddress.addresses);
    this.username = auth?.username;
    this.password = auth?.password;
    this.caCertificate = issuer.caCertificate;
    this.registerOutputs({
      addresses: this.addresses,
      httpsPort: this.httpsPort,
      portForward: this.portForward,
      urls: this.urls,
      dnsRecords: this.dnsRecords,
      username: this.username,
      password: this.password,
      caCertificate: this.caCertificate,
    });
  }

  /** Returns the resource that installs the CRDs of the Gateway API; none if they exist. */
  private gatewayApi(name: string, args: IngressWithCertArgs, charts: Charts): pulumi.Resource[] {
    if (pulumi.Resource.isInstance(args.gatewayApi)) return [args.gatewayApi];
    return installsGatewayApi(args)
      ? [new GatewayApi(`${name}-gateway-api`, { charts }, { parent: this })]
      : [];
  }

  /** Returns the cert-manager; `undefined` if the cluster has one that is not declared in Pulumi. */
  private certManager(gatewayApi: boolean): CertManager | undefined {
    const { name, args, charts, gatewayApi: dependsOn } = this.context;
    if (args.certManager === "existing") return undefined;
    return (
      args.certManager ??
      new CertManager(`${name}-cert-manager`, { charts, gatewayApi }, { parent: this, dependsOn })
    );
  }

  /** Creates the certificates of Knative services, next to the proxy. */
  private knativeNames(issuer: Issuer, { namespace: { metadata } }: Proxy): ServedName[] {
    return Object.entries(this.context.args.knative?.hostnames ?? {}).map(([id, hostname]) => {
      const context = { ...this.context, namespace: metadata.name };
      return { id, hostname, secretName: certificate(id, { hostname }, issuer, context).secretName };
    });
  }

  private urlsOf({ httpsPort }: ProxyAddress): pulumi.Output<Record<string, string>> {
    const hostnames = hostnamesOf(this.context.args);
    return httpsPort.apply((port) =>
      Object.fromEntries(hostnames.map(({ id, hostname }) => [id, httpsUrl(hostname, port)])),
    );
  }

  /** Returns one record for each host, with the first address. */
  private records(addresses: pulumi.Output<string[]>): pulumi.Output<DnsRecord[]> {
    const { name, args } = this.context;
    const hostnames = hostnamesOf(args);
    for (const { id, hostname } of args.dns ? hostnames : []) {
      const record = addresses.apply(([first]) => recordFor(hostname, first ?? ""));
      args.dns?.makeRecord(
        `${name}-${id}-record`,
        { name: hostname, type: record.type, value: record.value },
        { parent: this },
      );
    }
    return addresses.apply(([first]) =>
      first === undefined ? [] : hostnames.map(({ hostname }) => recordFor(hostname, first)),
    );
  }
}
