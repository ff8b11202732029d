import { z } from "zod";
import { thousandths, type Weight } from "../../components/canary-split/args";
import { advice, always, choice } from "./fields";
import { progressiveSchema } from "./progressive";
import { isDnsLabel, isDnsName, isServiceName } from "../../validation/validators";

const nameExpected =
  "at most 63 lower-case letters, digits and '-', beginning with a letter and ending with a letter or digit";
const functionName = (description: string, example: string) =>
  z.string().refine(isServiceName).meta({ description, expected: nameExpected, example });

const backendSchema = z
  .strictObject({
    service: functionName("The function.", "echo-green"),
    weight: z
      .custom<Weight>(
        (value) =>
          (typeof value === "string" || typeof value === "number") && thousandths(value) !== undefined,
      )
      .meta({
        description: "The share of the calls.",
        expected: "a weight from 0m to 1000m, or from 0% to 100% in steps of 0.1%",
        example: "900m",
      }),
  })
  .meta({ description: "A function and its share.", example: { service: "echo-green", weight: "900m" } });

const label = (description: string, example: string) =>
  z
    .string()
    .refine((text) => isDnsLabel(text))
    .meta({ description, expected: "a name of lower-case letters, digits and '-'", example });

const gatewaySchema = z
  .strictObject({
    name: label("The name of the Gateway.", "traefik"),
    namespace: label("The namespace of the Gateway.", "traefik"),
    sectionName: label(
      "The name of the listener. Default: all listeners that match the host.",
      "websecure",
    ).optional(),
    host: z
      .string()
      .refine(isDnsName)
      .meta({
        description: "The host of OpenFaaS's gateway.",
        expected: "a hostname",
        example: "gateway.example.com",
      })
      .optional(),
  })
  .meta({
    description: "The Gateway that mode `edge` attaches to.",
    example: { name: "traefik", namespace: "traefik" },
    defaultText: "the platform's own ingress",
  });

const backendsExample = [
  { service: "echo-green", weight: "900m" },
  { service: "echo-blue", weight: "100m" },
];

const backendsExpected = "a list of functions with weights, at least one";

const canarySchema = z
  .strictObject({
    mode: choice(
      ["edge", "mesh", "smi"],
      "Where calls are split: `edge` at the Gateway, for OpenFaaS CE; `mesh` (HTTPRoute) or `smi` (TrafficSplit, deprecated) in meshed clients that call the function's Service.",
    ).default("edge"),
    backends: z
      .array(backendSchema)
      .min(1)
      .meta({
        description:
          "The functions that receive the calls, each with a weight in thousandths (`900m`) or percent (`90%`, `90`). The weights must add up to 1000m or 100 %. Without the canary, the function receives all calls again.",
        expected: backendsExpected,
        example: backendsExample,
        defaultText: "none, with progressive",
      })
      .optional(),
    progressive: progressiveSchema.optional(),
    clients: choice(
      ["gateway", "service"],
      "How clients call the function: `gateway` through OpenFaaS's gateway, `service` by the name of its Service from inside the mesh.",
    ).default("gateway"),
    gateway: gatewaySchema.optional(),
  })
  .superRefine(({ backends, progressive }, context) => {
    if (backends !== undefined || progressive !== undefined) return;
    context.addIssue({
      code: "custom",
      path: ["backends"],
      params: { got: "nothing" },
      message: advice(
        `${backendsExpected}; or progressive`,
        "backends: [{ service: echo-green, weight: 900m }, { service: echo-blue, weight: 100m }]",
      ),
    });
  }, always)
  .meta({ description: "How one function's calls are split.", example: { backends: backendsExample } });

/** Canaries by the name of the function whose calls they split, the key `faasmesh:canaries`. */
export const canariesSchema = z.record(functionName("The function.", "echo"), canarySchema).meta({
  description: "Canaries by the name of the function whose calls they split.",
  expected: "an object: names of functions, and for each an object with the key backends",
  example: { echo: { backends: backendsExample } },
});

/** A canary of the key `faasmesh:canaries`. */
export type CanaryConfig = z.output<typeof canarySchema>;
