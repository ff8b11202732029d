import type { ChartsArgs, PinName } from "../../charts/args";

export interface CertManagerArgs extends ChartsArgs {
  /** Its namespace. Default: cert-manager. */
  namespace?: string;

  /**
   * Whether it answers HTTP-01 challenges through a Gateway. The Gateway API's definitions must be there
   * before it, else it does not start. Default: false.
   */
  gatewayApi?: boolean;
}

/** The charts that it needs. */
export const requiredCharts: readonly PinName[] = ["cert-manager"];
