import { z } from "zod";
import { communityEdition } from "../../components/openfaas/args";
import { advice, always, flag, wholeNumber } from "./fields";
import { checkLabels, checkResources, checkScale } from "./function-checks";
import {
  imageProblem,
  isAnnotationKey,
  isEnvName,
  isLabelKey,
  isLabelValue,
  isServiceName,
  quantityValue,
} from "../../validation/validators";

const scaleSchema = z
  .strictObject({
    min: wholeNumber(1, Infinity, "The minimum number of replicas, at most `max`.", 1).default(1),
    max: wholeNumber(
      1,
      Infinity,
      `The maximum number of replicas. Community Edition allows ${communityEdition.maxReplicas}.`,
      5,
    ).default(5),
    factor: wholeNumber(
      0,
      100,
      "The size of a scaling step, in percent of `max`; 0 disables autoscaling.",
      20,
    ).default(20),
  })
  .superRefine(checkScale, always)
  .meta({ description: "Autoscaling of the function.", example: { min: 1, max: 5, factor: 20 } });

const imageExample = "functions/figlet:0.13.0";
const image = z
  .string()
  .superRefine((text, context) => {
    const problem = imageProblem(text);
    if (problem === undefined) return;
    context.addIssue({
      code: "custom",
      message: advice(`an image with a fixed tag or a digest, since ${problem}`, `image: ${imageExample}`),
    });
  })
  .meta({
    description: "The container image. Community Edition runs only public images.",
    expected: "an image with a tag other than 'latest', or with a digest",
    example: imageExample,
  });

const envName = z
  .string()
  .superRefine((name, context) => {
    if (name === "fprocess") {
      context.addIssue({
        code: "custom",
        message: advice(
          "no such variable: it is set from the function's key process; use that key",
          "process: figlet",
        ),
      });
    }
  })
  .refine(isEnvName)
  .meta({
    expected: "a variable's name: letters, digits and '_', not beginning with a digit",
    example: "WRITE_DEBUG",
  });

const quotedText = z
  .string()
  .meta({ expected: "a text; numbers, true and false in quotes", example: "true" });
const labelKeyExpected =
  "at most 63 letters, digits, '-', '_' and '.', with a letter or digit at both ends, after an optional DNS name and '/'";
const labelKey = z
  .string()
  .refine(isLabelKey)
  .meta({ expected: labelKeyExpected, example: "example.com/team" });
const annotationKey = z
  .string()
  .refine(isAnnotationKey)
  .meta({ expected: labelKeyExpected, example: "example.com/owner" });
const labelValue = z.string().refine(isLabelValue).meta({
  expected:
    "a text of at most 63 letters, digits, '-', '_' and '.', with a letter or digit at both ends; numbers, true and false in quotes",
  example: "blue",
});

function quantity(description: string, example: string) {
  return z
    .custom<string | number>((value) => isQuantity(value))
    .meta({ description, expected: "a Kubernetes quantity, such as 250m, 0.5, 64Mi or 1Gi", example })
    .transform(String)
    .optional();
}

function isQuantity(value: unknown): boolean {
  return (typeof value === "string" || typeof value === "number") && quantityValue(`${value}`) !== undefined;
}

function resources(cpu: string, memory: string, example: object) {
  return z
    .strictObject({ cpu: quantity(cpu, "250m"), memory: quantity(memory, "64Mi") })
    .meta({ description: "Compute resources of the function.", example })
    .optional();
}

const functionSchema = z
  .strictObject({
    image,
    process: z
      .string()
      .min(1)
      .meta({
        description: "The command that the watchdog runs for each call (the variable `fprocess`).",
        expected: "a command",
        example: "figlet",
        defaultText: "the one of the image",
      })
      .optional(),
    env: z
      .record(envName, quotedText)
      .meta({
        description: "Environment variables. They are not secret.",
        expected: "environment variables: names and texts",
        example: { WRITE_DEBUG: "true" },
      })
      .default({}),
    labels: z
      .record(labelKey, labelValue)
      .superRefine(checkLabels, always)
      .meta({
        description: "Labels of the function, except those of autoscaling, which `scale` sets.",
        expected: "labels: keys and texts",
        example: { "example.com/team": "blue" },
      })
      .default({}),
    annotations: z
      .record(annotationKey, quotedText)
      .meta({
        description: "Annotations of the function.",
        expected: "annotations: keys and texts",
        example: { "example.com/owner": "The blue team" },
      })
      .default({}),
    scale: scaleSchema.prefault({}),
    mesh: flag("Whether the function is part of the mesh.").default(true),
    limits: resources("The maximum CPU.", "The maximum memory.", { cpu: "500m", memory: "128Mi" }),
    requests: resources("The reserved CPU.", "The reserved memory.", { memory: "64Mi" }),
  })
  .superRefine(checkResources, always)
  .meta({
    description: "A function.",
    example: { image: imageExample, process: "figlet" },
  });

const nameExpected =
  "at most 63 lower-case letters, digits and '-', beginning with a letter and ending with a letter or digit";
const functionName = z.string().refine(isServiceName).meta({ expected: nameExpected, example: "figlet" });

/** The functions of OpenFaaS, by name. */
export const functionsSchema = z.record(functionName, functionSchema).meta({
  description: `The functions by name: ${nameExpected}. Community Edition allows ${communityEdition.maxFunctions} functions.`,
  expected: "an object: names of functions, and for each an object with the key image",
  example: { figlet: { image: imageExample } },
});

/** A function of the key `faasmesh:openfaas.functions`. */
export type FunctionConfig = z.output<typeof functionSchema>;
