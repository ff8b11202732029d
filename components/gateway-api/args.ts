import type { ChartsArgs, PinName } from "../../charts/args";

export interface GatewayApiArgs extends ChartsArgs {
  /** The namespace of Helm's record of it; the definitions themselves are in none. Default: gateway-api. */
  namespace?: string;
}

/** The charts that it needs. */
export const requiredCharts: readonly PinName[] = ["gateway-api"];
