import { z } from "zod";
import { instant, isDnsLabel, rfc3339Of } from "../../validation/validators";

/** The name of a lab. */
export const lab = z
  .string()
  .refine((name) => isDnsLabel(name, 40))
  .meta({
    description: "The name of the lab that created the cluster.",
    expected: "at most 40 lower-case letters, digits and '-', with a letter or digit at both ends",
    example: "dev",
  });

/** The owner and expiry of a temporary cluster in a cloud, the key `sandbox`. */
export const sandboxSchema = z
  .strictObject({
    lab,
    expires: z
      .string()
      .refine((text) => instant(text) !== undefined)
      .meta({
        description: "When the cluster may be deleted.",
        expected: "a date and time with a time zone",
        example: "2027-03-01T18:00:00Z",
        defaultText: "never",
      })
      .transform((text) => rfc3339Of(instant(text) ?? new Date(NaN)))
      .optional(),
  })
  .meta({
    description:
      "The lab that a temporary cluster belongs to, which is recorded in tags or labels. `lab up` sets it, see docs/sandboxes.md.",
    example: { lab: "alice", expires: "2027-03-01T18:00:00Z" },
  });
