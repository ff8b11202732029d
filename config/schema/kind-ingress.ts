import { z } from "zod";
import { advice, always, wholeNumber } from "./fields";

const hostPort = (kind: string, example: number) =>
  wholeNumber(
    1,
    65_535,
    `The port of 127.0.0.1 that is forwarded to the ingress's port of ${kind}. It must be free when the cluster is created. A lab chooses the ports of its cluster itself.`,
    example,
  ).default(example);

/** The key `faasmesh:cluster.ingress` of a kind cluster. */
export const kindIngressSchema = z
  .strictObject({ http: hostPort("HTTP", 80), https: hostPort("HTTPS", 443) })
  .superRefine(({ http, https }, context) => {
    if (http !== https) return;
    const message = advice("another port than that of http", "https: 443");
    context.addIssue({ code: "custom", path: ["https"], input: https, message });
  }, always)
  .meta({
    description:
      "Ports on the loopback interface of this machine that are forwarded to the ingress. They must be free when the cluster is created.",
    example: { http: 80, https: 443 },
    defaultText: "`{ http: 80, https: 443 }`; none with `lab`, which sets them itself",
  });
