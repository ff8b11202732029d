import * as http from "node:http";
import * as https from "node:https";
import { parse } from "yaml";

interface Minified {
  clusters: [
    {
      cluster: {
        server: string;
        "certificate-authority-data"?: string;
        "insecure-skip-tls-verify"?: boolean;
        "tls-server-name"?: string;
      };
    },
  ];
}

/**
 * Requests `/readyz` of an API server without credentials. HTTP 401 and 403 count as reachable.
 *
 * @param kubeconfig the content of a kubeconfig, as `readKubeconfig` returns it
 * @returns why the API server is unreachable; `undefined` if it is reachable
 */
export function unreachable(kubeconfig: string): Promise<string | undefined> {
  const { cluster } = (parse(kubeconfig) as Minified).clusters[0];
  const ca = cluster["certificate-authority-data"];
  return new Promise((resolve) => {
    const url = new URL("/readyz", cluster.server);
    const { get } = url.protocol === "http:" ? http : https;
    const request = get(url, {
      timeout: 5_000,
      rejectUnauthorized: !cluster["insecure-skip-tls-verify"],
      ...(ca && { ca: Buffer.from(ca, "base64") }),
      ...(cluster["tls-server-name"] && { servername: String(cluster["tls-server-name"]) }),
    });
    request.on("response", (response) => {
      response.resume();
      const status = response.statusCode ?? 0;
      resolve([200, 401, 403].includes(status) ? undefined : `${cluster.server} answers with HTTP ${status}`);
    });
    request.on("timeout", () => request.destroy(new Error("no answer within 5 s")));
    request.on("error", (error) => resolve(`${cluster.server}: ${error.message || String(error)}`));
  });
}
