import { z } from "zod";
import { isInterval } from "../../components/canary-split/args";
import { advice, always, wholeNumber } from "./fields";

const metricsSchema = z
  .strictObject({
    successRate: z.number().min(0).max(100).meta({
      description: "The minimum success rate, in percent.",
      expected: "a number from 0 to 100",
      example: 99,
    }),
    latency: z.number().gt(0).meta({
      description: "The maximum 99th percentile of the latency, in milliseconds.",
      expected: "a number above 0",
      example: 500,
    }),
  })
  .partial()
  .meta({ description: "The metrics that a step must meet.", example: { successRate: 99, latency: 500 } });

/** The settings of a progressive canary, the key `faasmesh:canaries.<name>.progressive`. */
export const progressiveSchema = z
  .strictObject({
    stepWeight: wholeNumber(
      1,
      100,
      "The increase of the new version's share in each step, in percent.",
      10,
    ).default(10),
    maxWeight: wholeNumber(
      1,
      100,
      "The share at which the new version replaces the old one, in percent.",
      50,
    ).default(50),
    interval: z
      .string()
      .refine(isInterval)
      .meta({
        description: "The duration of a step, and of the metrics' time window.",
        expected: "minutes or seconds, such as 1m or 30s",
        example: "1m",
      })
      .default("1m"),
    threshold: wholeNumber(
      1,
      1000,
      "The number of failed checks after which Flagger rolls back to the old version.",
      5,
    ).default(5),
    metrics: metricsSchema.prefault({}),
  })
  .superRefine(({ stepWeight, maxWeight }, context) => {
    if (!Number.isInteger(maxWeight) || maxWeight < 1 || !(stepWeight > maxWeight)) return;
    context.addIssue({
      code: "custom",
      path: ["stepWeight"],
      input: stepWeight,
      message: advice("at most maxWeight", "progressive: { stepWeight: 10, maxWeight: 50 }"),
    });
  }, always)
  .meta({
    description:
      "Lets Flagger move calls from the function's running version to a new version in steps, instead of fixed `backends`. Only for mode `mesh`.",
    example: { stepWeight: 10, maxWeight: 50, interval: "1m" },
  });
