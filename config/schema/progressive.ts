import { z } from "zod";
import { isInterval } from "../../components/canary-split/progressive";
import { advice, always, wholeNumber } from "./fields";

const metricsSchema = z
  .strictObject({
    successRate: z.number().min(0).max(100).meta({
      description: "The least share of calls that succeed, in percent.",
      expected: "a number from 0 to 100",
      example: 99,
    }),
    latency: z.number().gt(0).meta({
      description: "The longest that 99 of 100 calls take, in milliseconds.",
      expected: "a number above 0",
      example: 500,
    }),
  })
  .partial()
  .meta({ description: "What is good enough to go on.", example: { successRate: 99, latency: 500 } });

/** How Flagger makes a canary progressive, the key `faasmesh:canaries.<name>.progressive`. */
export const progressiveSchema = z
  .strictObject({
    stepWeight: wholeNumber(1, 100, "By how many percent of the calls each step goes up.", 10).default(10),
    maxWeight: wholeNumber(
      1,
      100,
      "The share in percent at which the new version replaces the old one.",
      50,
    ).default(50),
    interval: z
      .string()
      .refine(isInterval)
      .meta({
        description: "How long each step takes, and what time is measured.",
        expected: "minutes or seconds, such as 1m or 30s",
        example: "1m",
      })
      .default("1m"),
    threshold: wholeNumber(1, 1000, "After how many bad checks the old version takes over again.", 5).default(
      5,
    ),
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
      "Moves calls step by step from the function's running version to a new one, by Flagger, in place of fixed `backends`; for mode `mesh`.",
    example: { stepWeight: 10, maxWeight: 50, interval: "1m" },
  });
