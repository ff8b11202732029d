import type { LinkerdMeshArgs } from "./args";
import { type Problem, throwIfInvalid } from "../../errors";

/**
 * Refuses arguments that contradict each other.
 * @throws UserError with all of them at once
 */
export function check(name: string, args: LinkerdMeshArgs): void {
  throwIfInvalid(`LinkerdMesh "${name}"`, [
    ...anchorProblems(args),
    ...trustManagerProblems(args),
    ...portProblems(args),
  ]);
}

function trustManagerProblems({ trustManager, identity = "own" }: LinkerdMeshArgs): Problem[] {
  if (!trustManager || identity === "cert-manager") return [];
  return [
    {
      key: "trustManager",
      got: `true, with identity ${identity}`,
      expected: "identity cert-manager, which makes the anchors that trust-manager publishes",
      fix: "set identity: cert-manager, or remove trustManager",
    },
  ];
}

function anchorProblems({ anchors = {}, certificates = {} }: LinkerdMeshArgs): Problem[] {
  const { trusted = [1], issuing = 1 } = anchors;
  const { trustAnchorDays = 3650, issuerDays = 365 } = certificates;
  const problems: Problem[] = [];
  const distinct = new Set(trusted).size === trusted.length;
  if (
    trusted.length < 1 ||
    trusted.length > 2 ||
    !distinct ||
    !trusted.every((one) => one >= 1 && Number.isInteger(one))
  )
    problems.push({
      key: "anchors.trusted",
      got: JSON.stringify(trusted),
      expected: "one number from 1 on, or two different ones during a rotation",
      fix: "keep the anchor that issues and at most one other",
    });
  if (!trusted.includes(issuing))
    problems.push({
      key: "anchors.issuing",
      got: String(issuing),
      expected: `one of anchors.trusted, ${JSON.stringify(trusted)}`,
      fix: `add ${issuing} to anchors.trusted first, roll it out, and issue by it then`,
    });
  if (issuerDays > trustAnchorDays)
    problems.push({
      key: "certificates.issuerDays",
      got: String(issuerDays),
      expected: `at most trustAnchorDays, ${trustAnchorDays}`,
      fix: "shorten the issuer's life or lengthen the anchor's",
    });
  return problems;
}

function portProblems(args: LinkerdMeshArgs): Problem[] {
  return (["opaquePorts", "skipInboundPorts", "skipOutboundPorts"] as const).flatMap((argument) =>
    (args[argument] ?? []).flatMap((port, at) =>
      isPortOrRange(port)
        ? []
        : [
            {
              key: `${argument}[${at}]`,
              got: JSON.stringify(port),
              expected: "a port from 1 to 65535, or a range such as 8000-8100",
              fix: "correct it",
            },
          ],
    ),
  );
}

/** A port from 1 to 65535, or a range of them, the lower one first. */
export function isPortOrRange(port: string | number): boolean {
  const [, low = "", high = low] = /^(\d+)(?:-(\d+))?$/.exec(String(port)) ?? [];
  return Number(low) >= 1 && Number(low) <= Number(high) && Number(high) <= 65535;
}
