import type { LinkerdMeshArgs } from "./args";
import { type Problem, throwIfInvalid } from "../../errors";

/**
 * Checks the arguments.
 * @throws UserError that reports all errors together
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
      expected: "identity cert-manager, which creates the anchors that trust-manager publishes",
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
    !trusted.every((number) => number >= 1 && Number.isInteger(number))
  )
    problems.push({
      key: "anchors.trusted",
      got: JSON.stringify(trusted),
      expected: "one number of at least 1, or two different ones during a rotation",
      fix: "keep the issuing anchor and at most one other",
    });
  if (!trusted.includes(issuing))
    problems.push({
      key: "anchors.issuing",
      got: String(issuing),
      expected: `one of anchors.trusted, ${JSON.stringify(trusted)}`,
      fix: `first add ${issuing} to anchors.trusted and run up, then set anchors.issuing`,
    });
  if (issuerDays > trustAnchorDays)
    problems.push({
      key: "certificates.issuerDays",
      got: String(issuerDays),
      expected: `at most trustAnchorDays, ${trustAnchorDays}`,
      fix: "lower issuerDays, or raise trustAnchorDays",
    });
  return problems;
}

function portProblems(args: LinkerdMeshArgs): Problem[] {
  return (["opaquePorts", "skipInboundPorts", "skipOutboundPorts"] as const).flatMap((argument) =>
    (args[argument] ?? []).flatMap((port, index) =>
      isPortOrRange(port)
        ? []
        : [
            {
              key: `${argument}[${index}]`,
              got: JSON.stringify(port),
              expected: "a port from 1 to 65535, or a range such as 8000-8100",
              fix: "correct it",
            },
          ],
    ),
  );
}

/** Whether a value is a port from 1 to 65535, or a range of ports with the lower one first. */
export function isPortOrRange(port: string | number): boolean {
  const [, low = "", high = low] = /^(\d+)(?:-(\d+))?$/.exec(String(port)) ?? [];
  return Number(low) >= 1 && Number(low) <= Number(high) && Number(high) <= 65535;
}
