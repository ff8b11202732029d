import type { DnsZone } from "../components/ingress-with-cert/dns";
import type { IngressConfig } from "../config/schema/ingress";

/** Opens the configured DNS zone. Loads only the SDK of its provider. */
export async function openZone(config: IngressConfig["dns"]): Promise<DnsZone | undefined> {
  switch (config?.kind) {
    case undefined:
      return undefined;
    case "digitalocean": {
      const { digitalOceanZone } = await import("../components/ingress-with-cert/dns-digitalocean");
      return digitalOceanZone(config);
    }
    case "google": {
      const { googleZone } = await import("../components/ingress-with-cert/dns-google");
      return googleZone(config);
    }
  }
}
