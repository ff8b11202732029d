import type { Stored } from "./clouds";

/** Outputs that are secrets, by type of resource. */
const secretOutputs: Readonly<Record<string, readonly string[]>> = {
  "tls:index/privateKey:PrivateKey": ["privateKeyPem", "privateKeyPemPkcs8", "privateKeyOpenssh"],
  "random:index/randomPassword:RandomPassword": ["result"],
};

/** The keys and passwords that a stack made up: a line of each, of a state whose secrets are shown. */
export function generatedSecrets(resources: Stored[]): string[] {
  return resources.flatMap(({ type, outputs }) =>
    (secretOutputs[type] ?? []).flatMap((key) => {
      const shown = plaintextOf(outputs?.[key]);
      return shown ? [ownPart(shown)] : [];
    }),
  );
}

/** Of a key the line that holds what is private in it, other lines may be public; of a password itself. */
function ownPart(text: string): string {
  const [first = "", ...lines] = text.trim().split("\n");
  if (!first.startsWith("-----BEGIN")) return first;
  return lines[first.includes("OPENSSH") ? 3 : 0] ?? "";
}

/** A secret of a state is an object that holds its JSON. */
function plaintextOf(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  if (typeof value !== "object" || value === null || !("plaintext" in value)) return undefined;
  return JSON.parse(String(value.plaintext)) as string;
}

/** How a secret may stand in a text: as it is, and inside base64, where it begins at any of three offsets. */
export function formsOf(secret: string): string[] {
  const encoded = [0, 1, 2].map((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), Buffer.from(secret)]).toString("base64");
    // The first and last characters hold bits of what is beside it.
    return text.slice(
      Math.ceil((offset * 8) / 6),
      Math.floor(((offset + Buffer.byteLength(secret)) * 8) / 6),
    );
  });
  return [secret, ...encoded];
}
