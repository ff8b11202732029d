import { rfc3339Of } from "../../validation/validators";
import { type Problem, problemText, UserError } from "../../errors";
import { parseTtl } from "./duration";
import {
  checkName,
  isCloud,
  type LabFacts,
  type LabRecord,
  readLab,
  requireLab,
  withLab,
  writeLab,
} from "./lab";
import { owner } from "./owner";
import type { Progress } from "../../toolchain/progress";

/** Which lab. */
export interface Which {
  readonly name: string;
  /** A backend that others use too. Default: the one of the lab that has the name here. */
  readonly backend?: string;
}

/** When a lab ends that lives for so long from now, RFC 3339; null: never. */
export const expiryAfter = (ttl: number | null, now = new Date()): string | null =>
  ttl === null ? null : rfc3339Of(new Date(now.getTime() + ttl));

/** Why a lab in a cloud has to end. */
export const endless: Problem = {
  key: "--ttl",
  got: "no end",
  expected: "how long the lab is to live, as a cloud costs money",
  fix: "for example: --ttl 4h. What is to stay is no lab: pulumi up --stack k3s",
};

/** The later one of two ends. */
export const later = (a: string | null, b: string | null): string | null =>
  a === null || b === null ? null : Date.parse(a) > Date.parse(b) ? a : b;

/**
 * Lets a lab live for at least so long from now. It never ends a lab sooner, and asked twice it does no more than once.
 *
 * @returns what is known of the lab then
 * @throws UserError where there is no such lab of this owner's, or it is being removed
 */
export async function extend(
  { ttl, ...which }: Which & { ttl: string },
  progress: Progress,
): Promise<LabFacts> {
  const end = expiryAfter(parseTtl(ttl));
  return await changed(which, progress, (facts) => {
    if (end === null && isCloud(facts.cluster)) throw new UserError(problemText(endless));
    return { ...facts, expires: later(facts.expires, end) };
  });
}

/** Keeps a lab from `reap` and `down`, or lets them have it again. @throws UserError as {@link extend} */
export async function protect(
  { off = false, ...which }: Which & { off?: boolean },
  progress: Progress,
): Promise<LabFacts> {
  return await changed(which, progress, (facts) => ({ ...facts, protected: !off }));
}

async function changed(
  { name, backend }: Which,
  progress: Progress,
  change: <T extends LabFacts>(facts: T) => T,
): Promise<LabFacts> {
  checkName(name);
  const record = readLab(name);
  const url = backend ?? record?.backend;
  if (url === undefined)
    return await withLab(name, () => {
      const lab = change(requireLab(name));
      writeLab(lab);
      return Promise.resolve(lab);
    });
  const { SharedBackend } = await import("./shared-backend");
  return await SharedBackend.with(url, progress, (labs) =>
    labs.change(name, (facts) => {
      requireOwn(facts, url === record?.backend ? record : undefined);
      return change(facts);
    }),
  );
}

/** @throws UserError if a lab is somebody else's */
export function requireOwn(facts: LabFacts, record?: LabRecord): void {
  if (facts.owner === owner() || record?.created === facts.created) return;
  throw new UserError(
    `The lab "${facts.name}" is ${facts.owner}'s, and you are ${owner()}; take another --name, or, if you act for ` +
      `them: export FAASMESH_OWNER='${facts.owner}'`,
  );
}
