import type { ChartsArgs, PinName } from "../../charts/args";

/** The arguments of `CertManager`. */
export interface CertManagerArgs extends ChartsArgs {
  /** The namespace of cert-manager. Default: cert-manager. */
  namespace?: string;

  /**
   * Whether cert-manager solves HTTP-01 challenges through a Gateway. It then does not start without the CRDs of the
   * Gateway API, which must be installed first. Default: false.
   */
  gatewayApi?: boolean;
}

/** The charts that cert-manager needs. */
export const requiredCharts: readonly PinName[] = ["cert-manager"];
