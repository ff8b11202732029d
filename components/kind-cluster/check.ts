import { type Problem, throwIfInvalid } from "../../errors";
import type { KindArgs } from "./args";

/**
 * Checks the arguments.
 * @throws UserError that reports all errors together
 */
export function check(name: string, { ingress }: KindArgs): void {
  throwIfInvalid(`KindCluster "${name}"`, ingress ? portProblems(ingress) : []);
}

function portProblems(ingress: NonNullable<KindArgs["ingress"]>): Problem[] {
  const problems = Object.entries(ingress)
    .filter(([, port]) => !Number.isInteger(port) || port < 1 || port > 65_535)
    .map(([key, port]) => ({
      key: `ingress.${key}`,
      got: String(port),
      expected: "a port of this machine, from 1 to 65535",
      fix: "correct it",
    }));
  if (ingress.http === ingress.https)
    problems.push({
      key: "ingress.https",
      got: `${ingress.https}, the port of http`,
      expected: "another port than that of http",
      fix: "change one of them",
    });
  return problems;
}
