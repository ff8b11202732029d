import { type Fault, refuse } from "../arguments";
import type { LinkerdMeshArgs } from "./args";

/**
 * Refuses arguments that contradict each other.
 * @throws UserError with all of them at once
 */
export function check(name: string, args: LinkerdMeshArgs): void {
  refuse(`LinkerdMesh "${name}"`, [
    ...anchorFaults(args),
    ...trustManagerFaults(args),
    ...vizFaults(args),
    ...portFaults(args),
  ]);
}

function trustManagerFaults({ trustManager, identity = "own" }: LinkerdMeshArgs): Fault[] {
  if (!trustManager || identity === "cert-manager") return [];
  return [
    {
      argument: "trustManager",
      got: `true, with identity ${identity}`,
      wanted: "identity cert-manager, which makes the anchors that trust-manager publishes",
      cure: "set identity: cert-manager, or remove trustManager",
    },
  ];
}

function anchorFaults({ anchors = {}, certificates = {} }: LinkerdMeshArgs): Fault[] {
  const { trusted = [1], issuing = 1 } = anchors;
  const { trustAnchorDays = 3650, issuerDays = 365 } = certificates;
  const faults: Fault[] = [];
  const distinct = new Set(trusted).size === trusted.length;
  if (
    trusted.length < 1 ||
    trusted.length > 2 ||
    !distinct ||
    !trusted.every((one) => one >= 1 && Number.isInteger(one))
  )
    faults.push({
      argument: "anchors.trusted",
      got: JSON.stringify(trusted),
      wanted: "one number from 1 on, or two different ones during a rotation",
      cure: "keep the anchor that issues and at most one other",
    });
  if (!trusted.includes(issuing))
    faults.push({
      argument: "anchors.issuing",
      got: String(issuing),
      wanted: `one of anchors.trusted, ${JSON.stringify(trusted)}`,
      cure: `add ${issuing} to anchors.trusted first, roll it out, and issue by it then`,
    });
  if (issuerDays > trustAnchorDays)
    faults.push({
      argument: "certificates.issuerDays",
      got: String(issuerDays),
      wanted: `at most trustAnchorDays, ${trustAnchorDays}`,
      cure: "shorten the issuer's life or lengthen the anchor's",
    });
  return faults;
}

function vizFaults({ viz = true, prometheusUrl, grafana = {} }: LinkerdMeshArgs): Fault[] {
  const faults: Fault[] = [];
  if (!viz && (prometheusUrl ?? grafana.url ?? grafana.externalUrl) !== undefined)
    faults.push({
      argument: prometheusUrl === undefined ? "grafana" : "prometheusUrl",
      got: "a URL, with viz: false",
      wanted: "viz, which is what uses it",
      cure: "set viz: true or remove the URL",
    });
  if (grafana.url !== undefined && grafana.externalUrl !== undefined)
    faults.push({
      argument: "grafana",
      got: "both url and externalUrl",
      wanted: "one of them",
      cure: "keep url for a Grafana in the cluster, externalUrl for one outside",
    });
  return faults;
}

function portFaults(args: LinkerdMeshArgs): Fault[] {
  return (["opaquePorts", "skipInboundPorts", "skipOutboundPorts"] as const).flatMap((argument) =>
    (args[argument] ?? []).flatMap((port, at) =>
      isPortOrRange(port)
        ? []
        : [
            {
              argument: `${argument}[${at}]`,
              got: JSON.stringify(port),
              wanted: "a port from 1 to 65535, or a range such as 8000-8100",
              cure: "correct it",
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
