import { ingressProblems } from "../../components/ingress-with-cert/check";
import type { Problem } from "../../errors";
import { keyText } from "../../validation/keys";
import type { Judged } from "./rules";

/** What of an ingress cannot work, or has nothing behind it. */
export function ingressProblemsOf({ config, platform }: Judged): Problem[] {
  const { ingress } = platform;
  if (!ingress) return [];
  // That there is no host, the schema says.
  const problems = Object.keys(ingress.hosts).length === 0 ? [] : ingressProblems(ingress);
  return [
    ...problems.map((problem) => ({
      ...problem,
      key: `ingress.${configKeyOf(problem.key, config.ingress.others)}`,
    })),
    ...hostProblems({ config, platform }),
  ];
}

/** Hosts of parts that do not exist. */
function hostProblems({ config, platform }: Pick<Judged, "config" | "platform">): Problem[] {
  const { gateway, dashboard, knative: services } = config.ingress.hosts;
  const { openfaas, viz, knative } = platform;
  const problems: Problem[] = [];
  const problem = (host: string, rest: Omit<Problem, "key">) =>
    problems.push({ key: `ingress.hosts.${host}`, ...rest });
  if (gateway && !openfaas)
    problem("gateway", {
      got: `${gateway}, without OpenFaaS`,
      expected: "no such host without openfaas.enabled",
      fix: "remove it or enable OpenFaaS",
      example: "enabled: true",
    });
  if (dashboard && !viz)
    problem("dashboard", {
      got: `${dashboard}, without Linkerd's viz`,
      expected: "no such host without mesh.enabled and mesh.viz",
      fix: "remove it or enable both",
      example: "viz: true",
    });
  if (services && !knative)
    problem("knative", {
      got: `${services}, without Knative`,
      expected: "no such host without knative.enabled",
      fix: "remove it or enable Knative",
      example: "enabled: true",
    });
  const { domain } = config.knative;
  if (services && knative && !(domain && services.endsWith(`.${domain}`)))
    problem("knative", {
      got: `${services}, with the domain ${domain ?? "of sslip.io"}`,
      expected: "a host below knative.domain, since Knative answers to <service>.<namespace>.<domain> alone",
      example: "domain: example.com",
    });
  return problems;
}

/** The argument `hosts.app.hostname` as the configuration writes it. */
function configKeyOf(argument: string, others: object): string {
  const [first, id = "", ...rest] = argument.split(".");
  if (first !== "hosts" || id === "") return argument;
  if (id in others) return keyText(["others", id, ...rest.filter((part) => part !== "backend")]);
  return keyText(["hosts", id]);
}
