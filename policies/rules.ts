import type { Rule } from "./rule";
import { closedToTheWorld } from "./rules/closed-to-the-world";
import { meshedNamespaces } from "./rules/meshed-namespaces";
import { noPrivilegedPods } from "./rules/no-privileged-pods";
import { noSecretInTheClear } from "./rules/no-secret-in-the-clear";
import { noVersionDowngrade } from "./rules/no-version-downgrade";
import { pinnedImages } from "./rules/pinned-images";
import { sandboxesExpire } from "./rules/sandboxes-expire";

/** All rules of the policy pack. They are mandatory. */
export const rules: readonly Rule[] = [
  noSecretInTheClear,
  closedToTheWorld,
  noPrivilegedPods,
  pinnedImages,
  meshedNamespaces,
  sandboxesExpire,
  noVersionDowngrade,
];
