import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

/** The identity of a mesh: its trust anchors, its issuer, and the chart values for them. */
export interface Identity {
  /** The certificates of all trusted anchors, PEM, ordered by number; `undefined` if cert-manager creates them. */
  bundle: pulumi.Output<string | undefined>;
  /** Values that change when pods must be recreated: with the trusted anchors, and with the issuing anchor. */
  rolloutTriggers: pulumi.Output<string[]>;
  /** When the first trusted anchor expires, RFC 3339; `undefined` if cert-manager renews them. */
  anchorsExpire: pulumi.Output<string | undefined>;
  /** When the issuer's certificate expires, RFC 3339; `undefined` if cert-manager renews it. */
  issuerExpires: pulumi.Output<string | undefined>;
  /** Values of the chart `linkerd-control-plane`. */
  values: pulumi.Inputs;
  /** The resources that the pods of the control plane need. */
  ready: pulumi.Resource[];
  /** Hooks of the control plane's release, which run before its pods are recreated. Default: none. */
  hooks?: pulumi.ResourceHookBinding;
}

/** The context in which the resources of an identity are created. */
export interface IdentityContext {
  /** The name of the component. */
  name: string;
  namespace: k8s.core.v1.Namespace;
  /** The name of that namespace. */
  namespaceName: string;
  parent: pulumi.Resource;
}
