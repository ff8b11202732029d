import { type Fault, refuse } from "../arguments";
import type { Backend, CanarySplitArgs } from "./args";
import { progressiveFaults } from "./progressive";
import { inWords, thousandths, whole } from "./weights";

/**
 * Refuses a split that does not add up, or that would silently do nothing.
 * @throws UserError with all that is wrong
 */
export function check(name: string, args: CanarySplitArgs): void {
  refuse(`CanarySplit "${name}"`, splitFaults(args));
}

/** All that is wrong with a split. */
export function splitFaults(args: CanarySplitArgs): Fault[] {
  const { progressive, backends = [] } = args;
  const named = functionFaults(args);
  if (progressive) return [...named, ...progressiveFaults(args)];
  return [...named, ...duplicateFaults(backends), ...weightFaults(backends), ...modeFaults(args)];
}

function functionFaults({ root, backends = [], known }: CanarySplitArgs): Fault[] {
  const named = [
    { argument: "root", service: root },
    ...backends.map(({ service }, at) => ({ argument: `backends[${at}].service`, service })),
  ];
  return named
    .filter(({ service }) => !known.includes(service))
    .map(({ argument, service }) => ({
      argument,
      got: `"${service}"`,
      wanted: `a function that there is: ${[...known].sort().join(", ") || "there is none"}`,
      cure: "declare the function or correct the name",
    }));
}

function duplicateFaults(backends: Backend[]): Fault[] {
  const services = backends.map(({ service }) => service);
  return services.flatMap((service, at) => {
    const first = services.indexOf(service);
    if (first === at) return [];
    return [
      {
        argument: `backends[${at}].service`,
        got: `"${service}", which is backends[${first}] already`,
        wanted: "each function once",
        cure: "add its weights together in one entry",
      },
    ];
  });
}

function weightFaults(backends: Backend[]): Fault[] {
  if (backends.length === 0)
    return [
      {
        argument: "backends",
        got: "none",
        wanted: "at least one",
        cure: "name the functions that answer, or remove the split: the root then answers alone",
      },
    ];
  const values = backends.map(({ weight }) => thousandths(weight));
  const faults = values.flatMap((value, at) =>
    value !== undefined
      ? []
      : [
          {
            argument: `backends[${at}].weight`,
            got: JSON.stringify(backends[at]?.weight),
            wanted: `a share from 0m to ${whole}m, or from 0% to 100% in steps of 0.1%`,
            cure: "write it like 900m or 90%",
          },
        ],
  );
  if (faults.length > 0) return faults;
  const sum = values.reduce<number>((total, value) => total + (value ?? 0), 0);
  if (sum === whole) return [];
  return [
    {
      argument: "backends",
      got: `weights that add up to ${inWords(sum)}`,
      wanted: inWords(whole),
      cure: sum > whole ? `take ${inWords(sum - whole)} off` : `add the missing ${inWords(whole - sum)}`,
    },
  ];
}

/** Modes that would be accepted by the cluster and change nothing. */
function modeFaults({
  mode = "edge",
  clients = "gateway",
  directFunctions,
  gateway,
}: CanarySplitArgs): Fault[] {
  if (mode === "edge") {
    const faults: Fault[] = [];
    if (!gateway)
      faults.push({
        argument: "gateway",
        got: "nothing",
        wanted: "the Gateway at which mode edge splits",
        cure: "name it, or use mode mesh for clients that call the function's Service",
      });
    if (clients === "service")
      faults.push({
        argument: "mode",
        got: "edge, with clients: service",
        wanted: "mesh, since calls to a Service do not pass the Gateway",
        cure: "use mode mesh, or clients: gateway",
      });
    return faults;
  }
  if (clients !== "gateway" || directFunctions) return [];
  return [
    {
      argument: "mode",
      got: `${mode}, with clients: gateway`,
      wanted:
        "edge, since the gateway of OpenFaaS CE calls /function/… at a pod's address, which the mesh does not split",
      cure: "use mode edge, or say clients: service if what calls it dials its Service from inside the mesh",
    },
  ];
}
