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

/** A lab by its name, on this machine or on a backend. */
export interface LabSelector {
  readonly name: string;
  /** A shared backend. Default: the backend of this machine's lab with that name. */
  readonly backend?: string;
}

/** The time at which a lab with this time to live expires, RFC 3339; null: never. */
export const expiryAfter = (ttl: number | null, now = new Date()): string | null =>
  ttl === null ? null : rfc3339Of(new Date(now.getTime() + ttl));

/** A lab in a cloud must have an expiry. */
export const missingExpiry: Problem = {
  key: "--ttl",
  got: "no expiry",
  expected: "a time to live, since a cloud costs money",
  fix: "for example: --ttl 4h. For a permanent environment use a stack: pulumi up --stack k3s",
};

/** The later of two expiries. */
export const laterExpiry = (a: string | null, b: string | null): string | null =>
  a === null || b === null ? null : Date.parse(a) > Date.parse(b) ? a : b;

/**
 * Extends a lab to at least `ttl` from now. Never shortens its life; a repeated call has no further effect.
 *
 * @returns the lab after the change
 * @throws UserError if this owner has no such lab, or it is being removed
 */
export async function extend(
  { ttl, ...selector }: LabSelector & { ttl: string },
  progress: Progress,
): Promise<LabFacts> {
  const expires = expiryAfter(parseTtl(ttl));
  return await changeLab(selector, progress, (facts) => {
    if (expires === null && isCloud(facts.cluster)) throw new UserError(problemText(missingExpiry));
    return { ...facts, expires: laterExpiry(facts.expires, expires) };
  });
}

/** Protects a lab against `reap` and `down`, or removes the protection. @throws UserError like {@link extend} */
export async function protect(
  { off = false, ...selector }: LabSelector & { off?: boolean },
  progress: Progress,
): Promise<LabFacts> {
  return await changeLab(selector, progress, (facts) => ({ ...facts, protected: !off }));
}

async function changeLab(
  { name, backend }: LabSelector,
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
  return await SharedBackend.with(url, progress, (shared) =>
    shared.change(name, (facts) => {
      requireOwn(facts, url === record?.backend ? record : undefined);
      return change(facts);
    }),
  );
}

/** @throws UserError if the lab belongs to another owner */
export function requireOwn(facts: LabFacts, record?: LabRecord): void {
  if (facts.owner === owner() || record?.created === facts.created) return;
  throw new UserError(
    `The lab "${facts.name}" belongs to ${facts.owner}, and you are ${owner()}; use another --name, or, to act on ` +
      `their behalf: export FAASMESH_OWNER='${facts.owner}'`,
  );
}
