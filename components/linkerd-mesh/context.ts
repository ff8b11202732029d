import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

/** The mesh's identity: who is trusted, who issues, and what the control plane's chart must know of it. */
export interface Identity {
  /** The certificates of all trusted anchors, PEM, by number; `undefined` where cert-manager makes them. */
  bundle: pulumi.Output<string | undefined>;
  /** Texts that change when pods must be made anew: with the anchors, and with the one that issues. */
  rolloutTriggers: pulumi.Output<string[]>;
  /** When the first trusted anchor ends, RFC 3339; `undefined` where cert-manager renews them by itself. */
  anchorsExpire: pulumi.Output<string | undefined>;
  /** When the issuer ends, RFC 3339; `undefined` where cert-manager renews it by itself. */
  issuerExpires: pulumi.Output<string | undefined>;
  /** Values of the chart `linkerd-control-plane`. */
  values: pulumi.Inputs;
  /** What the control plane's pods need. */
  ready: pulumi.Resource[];
  /** What must be done before they are made anew. */
  hooks?: pulumi.ResourceHookBinding;
}

/** What the parts of an identity are created with. */
export interface IdentityContext {
  /** The name of the component. */
  name: string;
  namespace: k8s.core.v1.Namespace;
  /** The name of that namespace. */
  namespaceName: string;
  parent: pulumi.Resource;
}
