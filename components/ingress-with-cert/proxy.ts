import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Charts } from "../../charts/args";
import type { GatewayRef } from "../canary-split/index";
import type { HostArgs, IngressWithCertArgs } from "./args";
import type { Http01 } from "./issuer";

/** What the parts of an ingress are made with. */
export interface IngressContext {
  name: string;
  parent: pulumi.Resource;
  args: IngressWithCertArgs;
  charts: Charts;
  /** What installs the Gateway API's definitions, as far as it is known. */
  gatewayApi: pulumi.Resource[];
}

/** A host with what its route needs. */
export interface Served extends HostArgs {
  /** Its name in `hosts`. */
  id: string;
  /** The Secret of its certificate. */
  secretName: string;
  /** The Secret with the users, where the host is protected. */
  users?: k8s.core.v1.Secret;
}

/** What terminates TLS: Traefik or ingress-nginx. */
export interface Proxy {
  release: pulumi.Resource;
  namespace: k8s.core.v1.Namespace;
  /** The Service that clients reach: its name, the labels of the proxy's pods, and the names of their ports. */
  service: { name: string; selector: Record<string, string>; ports: { http: string; https: string } };
  http01: Http01;
  /** Where a route of someone else attaches to a host; `undefined` where there is no Gateway. */
  gatewayOf?(id: string): GatewayRef;
  /** The namespace in which a host's certificate must be. */
  certificateNamespace(host: HostArgs): pulumi.Input<string>;
  /** Makes the routes. @param httpsPort the port of HTTPS as clients see it */
  serve(hosts: Served[], httpsPort: pulumi.Input<number>): void;
}
