import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Charts } from "../../charts/args";
import type { GatewayRef } from "../canary-split/index";
import type { HostArgs, IngressWithCertArgs } from "./args";
import type { Http01 } from "./issuer";

/** The context in which the resources of an ingress are created. */
export interface IngressContext {
  name: string;
  parent: pulumi.Resource;
  args: IngressWithCertArgs;
  charts: Charts;
  /** The resource that installs the CRDs of the Gateway API; empty if it is not declared in Pulumi. */
  gatewayApi: pulumi.Resource[];
}

/** A hostname with its certificate. */
export interface ServedName {
  /** The name of the host in `hosts` or `knative.hostnames`. */
  id: string;
  hostname: string;
  /** The Secret of the certificate. */
  secretName: string;
}

/** A host with its certificate and users. */
export interface ServedHost extends HostArgs, ServedName {
  /** The Secret with the users. Default: none, if the host is not protected. */
  users?: k8s.core.v1.Secret;
}

/** The proxy that terminates TLS: Traefik or ingress-nginx. */
export interface Proxy {
  release: pulumi.Resource;
  namespace: k8s.core.v1.Namespace;
  /** The Service of the proxy: its name, the labels of the proxy's pods, and the names of their ports. */
  service: { name: string; selector: Record<string, string>; ports: { http: string; https: string } };
  http01: Http01;
  /** Returns the Gateway of a host, for other routes. Not defined for a proxy without a Gateway. */
  gatewayOf?(id: string): GatewayRef;
  /** Returns the namespace in which the certificate of a host must be. */
  certificateNamespace(host: HostArgs): pulumi.Input<string>;
  /**
   * Creates the routes of hosts.
   * @param httpsPort the port at which clients reach HTTPS
   * @param knative the hostnames of Knative services, whose routes Knative creates
   */
  serve(hosts: ServedHost[], httpsPort: pulumi.Input<number>, knative: ServedName[]): void;
}
