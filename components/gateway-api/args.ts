import type { ChartsArgs, PinName } from "../../charts/args";

/** The arguments of `GatewayApi`. */
export interface GatewayApiArgs extends ChartsArgs {
  /** The namespace of the Helm release. The CRDs are cluster-scoped. Default: gateway-api. */
  namespace?: string;
}

/** The charts that the Gateway API needs. */
export const requiredCharts: readonly PinName[] = ["gateway-api"];
