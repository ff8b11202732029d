import * as pulumi from "@pulumi/pulumi";
import type { Charts } from "../../charts/args";
import { chartsFor } from "../../charts/on-demand";
import { afterMesh } from "../../kubernetes/mesh";
import { GatewayApi } from "../gateway-api";
import type { GatewayRef } from "../canary-split/index";
import { installsGatewayApi, type IngressWithCertArgs, isProtected } from "./args";
import { BasicAuth } from "./basic-auth";
import { CertManager } from "../cert-manager";
import { check } from "./check";
import { type DnsRecord, recordFor } from "./dns";
import { certificate, clusterIssuer } from "./issuer";
import { nginx } from "./nginx";
import type { IngressContext, Served } from "./proxy";
import { exposeProxy, type ProxyAddress } from "./expose-proxy";
import { traefik } from "./traefik";

export type { HostArgs, IngressWithCertArgs, IssuerArgs, SolverArgs } from "./args";
export { platformHosts } from "./args";

/**
 * Hosts of the platform, reached from outside over HTTPS: a meshed proxy, certificates by cert-manager,
 * redirects from HTTP, and basic authentication before what has none.
 *
 * ```ts
 * new IngressWithCert("ingress", {
 *   charts,
 *   mesh,
 *   issuer: { kind: "letsencrypt-staging", email: "you@example.com" },
 *   hosts: {
 *     gateway: { hostname: "gateway.example.com", ...platformHosts.gateway, dependsOn: openfaas.namespaces },
 *   },
 *   loadBalancer: true,
 * }, { providers: [cluster.provider], dependsOn: [mesh.ready] });
 * ```
 */
export class IngressWithCert extends pulumi.ComponentResource {
  /** Where the proxy is reached: addresses or names. Empty where the cluster does not tell. */
  readonly addresses: pulumi.Output<string[]>;

  /** The URL of each host, by its name in `hosts`. */
  readonly urls: pulumi.Output<Record<string, string>>;

  /** The DNS records that lead the hosts here, whether made or to be made. Empty where there is no address. */
  readonly dnsRecords: pulumi.Output<DnsRecord[]>;

  /** The user of the protected hosts, and the password, a secret; `undefined` where none is protected. */
  readonly username?: pulumi.Output<string>;
  readonly password?: pulumi.Output<string>;

  /** The certificate of the authority, PEM, with `own-ca`: what clients must trust. */
  readonly caCertificate?: pulumi.Output<string>;

  /** What must be there before a route of someone else attaches to the Gateway or uses the proxy. */
  readonly ready: pulumi.Resource;

  /**
   * Where routes of someone else, such as canaries, attach to a host, by its name in `hosts`: of those behind a
   * Gateway, which protected ones and those of nginx are not.
   */
  readonly gateways: Readonly<Record<string, GatewayRef>>;

  /** The namespaces that it makes. */
  readonly namespaces: pulumi.Resource[];

  private readonly context: IngressContext;

  constructor(name: string, args: IngressWithCertArgs, opts?: pulumi.ComponentResourceOptions) {
    check(name, args);
    const charts = chartsFor(args);
    super("faasmesh:index:IngressWithCert", name, {}, afterMesh(opts, args.mesh));
    this.context = { name, parent: this, args, charts, gatewayApi: this.gatewayApi(name, args, charts) };

    const isTraefik = (args.controller ?? "traefik") === "traefik";
    const certManager = this.certManager(isTraefik);
    const proxy = isTraefik ? traefik(this.context) : nginx(this.context);
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
    const hosts = Object.entries(args.hosts).map(([id, host]): Served => {
      const namespace = proxy.certificateNamespace(host);
      const { secretName } = certificate(id, host, issuer, { ...this.context, namespace });
      return { ...host, id, secretName, ...(isProtected(host) && { users: auth?.secret(id, host) }) };
    });
    const reached = exposeProxy(proxy, this.context);
    proxy.serve(hosts, reached.httpsPort);

    this.ready = proxy.release;
    this.gateways = Object.fromEntries(
      hosts
        .filter((host) => proxy.gatewayOf !== undefined && !isProtected(host))
        .map(({ id, hostname }) => [id, { ...proxy.gatewayOf!(id), host: hostname }]),
    );
    this.namespaces = [
      proxy.namespace,
      ...(certManager && args.certManager === undefined ? [certManager.namespace] : []),
    ];
    this.addresses = reached.addresses;
    this.urls = this.urlsOf(reached);
    this.dnsRecords = this.records(reached.addresses);
    this.username = auth?.username;
    this.password = auth?.password;
    this.caCertificate = issuer.caCertificate;
    this.registerOutputs({
      addresses: this.addresses,
      urls: this.urls,
      dnsRecords: this.dnsRecords,
      username: this.username,
      password: this.password,
      caCertificate: this.caCertificate,
    });
  }

  /** What installs the Gateway API's definitions, where nothing else has. */
  private gatewayApi(name: string, args: IngressWithCertArgs, charts: Charts): pulumi.Resource[] {
    if (pulumi.Resource.isInstance(args.gatewayApi)) return [args.gatewayApi];
    return installsGatewayApi(args)
      ? [new GatewayApi(`${name}-gateway-api`, { charts }, { parent: this })]
      : [];
  }

  /** `undefined` where the cluster has one that Pulumi does not know. */
  private certManager(gatewayApi: boolean): CertManager | undefined {
    const { name, args, charts, gatewayApi: dependsOn } = this.context;
    if (args.certManager === "existing") return undefined;
    return (
      args.certManager ??
      new CertManager(`${name}-cert-manager`, { charts, gatewayApi }, { parent: this, dependsOn })
    );
  }

  private urlsOf({ httpsPort }: ProxyAddress): pulumi.Output<Record<string, string>> {
    const hosts = Object.entries(this.context.args.hosts);
    return httpsPort.apply((port) =>
      Object.fromEntries(
        hosts.map(([id, { hostname }]) => [id, `https://${hostname}${port === 443 ? "" : `:${port}`}`]),
      ),
    );
  }

  /** One record for a host, for the first address. */
  private records(addresses: pulumi.Output<string[]>): pulumi.Output<DnsRecord[]> {
    const { name, args } = this.context;
    const hostnames = Object.entries(args.hosts).map(([id, { hostname }]) => ({ id, hostname }));
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
