import { hostnamesOf } from "../../components/ingress-with-cert/args";
import { ingressProblems } from "../../components/ingress-with-cert/check";
import { domainOf } from "../../components/knative-serving/args";
import type { Problem } from "../../errors";
import { keyText } from "../../validation/keys";
import type { RuleContext } from "./rule";

/** Checks the ingress, and that its hosts have a backend. */
export function ingressProblemsOf({ config, platform }: RuleContext): Problem[] {
  const { ingress } = platform;
  if (!ingress) return [];
  // The schema reports an ingress without hosts.
  const problems = hostnamesOf(ingress).length === 0 ? [] : ingressProblems(ingress);
  return [
    ...problems.map((problem) => ({ ...problem, key: configKeyOf(problem.key, config.ingress.others) })),
    ...hostProblems({ config, platform }),
  ];
}

/** Reports hosts of components that are disabled. */
function hostProblems({ config, platform }: Pick<RuleContext, "config" | "platform">): Problem[] {
  const { gateway, dashboard, knative: services } = config.ingress.hosts;
  const { openfaas, viz, knative } = platform;
  const problems: Problem[] = [];
  const problem = (host: string, rest: Omit<Problem, "key">) =>
    problems.push({ key: `ingress.hosts.${host}`, ...rest });
  if (gateway && !openfaas)
    problem("gateway", {
      got: `${gateway}, without OpenFaaS`,
      expected: "no such host without openfaas.enabled",
      fix: "remove it, or enable OpenFaaS",
      example: "enabled: true",
    });
  if (dashboard && !viz)
    problem("dashboard", {
      got: `${dashboard}, without Linkerd's viz`,
      expected: "no such host without mesh.enabled and mesh.viz",
      fix: "remove it, or enable both",
      example: "viz: true",
    });
  if (services && !knative)
    problem("knative", {
      got: `${services}, without Knative`,
      expected: "no such host without knative.enabled",
      fix: "remove it, or enable Knative",
      example: "enabled: true",
    });
  const { domain } = config.knative;
  if (services && knative && !services.endsWith(`.${domainOf(config.knative)}`))
    problem("knative", {
      got: `${services}, with the domain ${domain ?? "of sslip.io"}`,
      expected:
        "a host in knative.domain, since Knative serves only hosts of the form <service>.<namespace>.<domain>",
      example: "domain: example.com",
    });
  return problems;
}

/** Converts an argument of the ingress, such as `hosts.app.hostname`, into the key of the configuration. */
function configKeyOf(argument: string, others: object): string {
  const [first, id = "", ...rest] = argument.split(".");
  // The domain is what makes a service's hostname invalid.
  if (first === "knative") return rest[0] === "knative" ? "ingress.hosts.knative" : "knative.domain";
  if (first !== "hosts" || id === "") return `ingress.${argument}`;
  if (id in others) return keyText(["ingress", "others", id, ...rest.filter((part) => part !== "backend")]);
  return keyText(["ingress", "hosts", id]);
}
