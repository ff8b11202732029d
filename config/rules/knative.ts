import { layerProblems, namingProblems } from "../../components/knative-serving/check";
import type { Problem } from "../../errors";
import type { RuleContext } from "./rule";

/** Checks that Knative's networking layer supports what is configured, and that the layer `traefik` has its ingress. */
export function knativeProblems({ config, platform }: RuleContext): Problem[] {
  if (!platform.knative) return [];
  return [
    ...layerProblems(platform.knative),
    ...namingProblems(platform.knative),
    ...ingressProblems(config),
  ].map(({ key, ...problem }) => ({
    key: `knative.${key}`,
    ...problem,
  }));
}

function ingressProblems({ knative, ingress }: RuleContext["config"]): Problem[] {
  if (knative.layer !== "traefik" || (ingress.enabled && ingress.controller === "traefik")) return [];
  return [
    {
      key: "layer",
      got: ingress.enabled
        ? `traefik, with ingress.controller ${ingress.controller}`
        : "traefik, without an ingress",
      expected: "an ingress with the controller traefik, which serves the services",
      fix: ingress.enabled
        ? "set ingress.controller: traefik, or layer: kourier"
        : "set ingress.enabled: true with its hosts and issuer, or layer: kourier",
      example: "layer: kourier",
    },
  ];
}
