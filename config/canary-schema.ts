import { z } from "zod";
import { splitFaults } from "../components/canary-split/check";
import { thousandths, type Weight } from "../components/canary-split/weights";
import { advice, choice } from "./fields";
import { isDnsLabel, isDnsName, isServiceName } from "./validators";

const nameWanted =
  "at most 63 lower-case letters, digits and '-', beginning with a letter and ending with a letter or digit";
const functionName = (description: string, example: string) =>
  z.string().refine(isServiceName).meta({ description, wanted: nameWanted, example });

const backendSchema = z
  .strictObject({
    service: functionName("The function.", "echo-green"),
    weight: z
      .custom<Weight>(
        (value) =>
          (typeof value === "string" || typeof value === "number") && thousandths(value) !== undefined,
      )
      .meta({
        description: "Its share of the calls.",
        wanted: "a share from 0m to 1000m, or from 0% to 100% in steps of 0.1%",
        example: "900m",
      }),
  })
  .meta({ description: "A function and its share.", example: { service: "echo-green", weight: "900m" } });

const label = (description: string, example: string) =>
  z
    .string()
    .refine((text) => isDnsLabel(text))
    .meta({ description, wanted: "a name of lower-case letters, digits and '-'", example });

const gatewaySchema = z
  .strictObject({
    name: label("The Gateway's name.", "traefik"),
    namespace: label("The Gateway's namespace.", "traefik"),
    sectionName: label("The listener. Default: every one that takes the host.", "websecure").optional(),
    host: z
      .string()
      .refine(isDnsName)
      .meta({ description: "OpenFaaS's host.", wanted: "a host name", example: "gateway.example.com" })
      .optional(),
  })
  .meta({
    description: "The Gateway at which mode `edge` splits.",
    example: { name: "traefik", namespace: "traefik" },
    defaultText: "the platform's own ingress",
  });

const backendsExample = [
  { service: "echo-green", weight: "900m" },
  { service: "echo-blue", weight: "100m" },
];

const canarySchema = z
  .strictObject({
    mode: choice(
      ["edge", "mesh", "smi"],
      "Where calls are split: `edge` at the Gateway, the way for OpenFaaS CE; `mesh` (HTTPRoute) or `smi` (TrafficSplit, deprecated) in meshed clients that call the function's Service.",
    ).default("edge"),
    backends: z.array(backendSchema).min(1).meta({
      description:
        "The functions that answer, each with a weight in thousandths (`900m`) or percent (`90%`, `90`), 1000m or 100 % in all. Remove the canary, and the function answers itself again.",
      wanted: "a list of functions with weights, at least one",
      example: backendsExample,
    }),
    clients: choice(
      ["gateway", "service"],
      "Who calls: `gateway` through OpenFaaS's gateway, `service` by the Service's name inside the mesh.",
    ).default("gateway"),
    gateway: gatewaySchema.optional(),
  })
  .meta({ description: "How one function's calls are split.", example: { backends: backendsExample } });

/** Canaries by the name of the function whose calls they split, the key `faasmesh:canaries`. */
export const canariesSchema = z.record(functionName("The function.", "echo"), canarySchema).meta({
  description: "Canaries by the name of the function whose calls they split.",
  wanted: "an object: names of functions, and for each an object with the key backends",
  example: { echo: { backends: backendsExample } },
});

/** One canary of the key `faasmesh:canaries`. */
export type CanaryConfig = z.output<typeof canarySchema>;

/** What a canary depends on elsewhere in the configuration. */
export interface CanarySurroundings {
  /** The functions' names. */
  functions: string[];
  /** Whether the platform has an ingress with a Gateway. */
  gateway: boolean;
  /** Whether the mesh is on, and its SMI extension. */
  mesh: boolean;
  smi: boolean;
  /** Whether OpenFaaS's gateway calls functions by their Service. */
  directFunctions?: boolean;
}

/**
 * Refuses canaries that do not add up or that would do nothing.
 * @param path of the canaries in the configuration
 */
export function checkCanaries(
  canaries: unknown,
  around: CanarySurroundings,
  context: z.core.$RefinementCtx<unknown>,
  path: string[] = ["canaries"],
): void {
  if (typeof canaries !== "object" || canaries === null) return;
  for (const [root, value] of Object.entries(canaries)) {
    // What is of a wrong shape has been said already.
    const { data: canary } = canarySchema.safeParse(value);
    if (!canary) continue;
    const { gateway, ...rest } = canary;
    const found = gateway ?? (around.gateway ? { name: "gateway", namespace: "gateway" } : undefined);
    const faults = splitFaults({
      ...rest,
      root,
      known: around.functions,
      ...(found && { gateway: found as { name: string; namespace: string } }),
      ...(around.directFunctions && { directFunctions: true }),
    });
    for (const { argument, got, wanted, cure } of faults) {
      const at = argument === "root" ? [] : pathOf(argument);
      context.addIssue({
        code: "custom",
        path: [...path, root, ...at],
        params: { got },
        message: advice(`${wanted}; ${cure}`),
      });
    }
    const missing = missingPart(canary.mode, around);
    if (missing !== undefined)
      context.addIssue({
        code: "custom",
        path: [...path, root, "mode"],
        input: canary.mode,
        message: missing,
      });
  }
}

function missingPart(mode: CanaryConfig["mode"], { mesh, smi }: CanarySurroundings): string | undefined {
  if (mode !== "edge" && !mesh)
    return advice("edge, since there is no mesh to split in; use it or switch the mesh on", "mode: edge");
  if (mode === "smi" && !smi)
    return advice(
      "edge or mesh, since TrafficSplit needs Linkerd's SMI extension; or switch it on: mesh.smi: true",
      "mode: mesh",
    );
  return undefined;
}

/** `backends[1].weight` as a path. */
function pathOf(argument: string): (string | number)[] {
  return argument
    .split(/[.[\]]+/)
    .filter((part) => part !== "")
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}
