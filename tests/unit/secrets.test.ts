import { strict as assert } from "node:assert";
import { generateKeyPairSync } from "node:crypto";
import { formsOf, generatedSecrets } from "../e2e/secrets";

const stored = (type: string, outputs: Record<string, string>) => ({
  type,
  urn: "urn",
  outputs: Object.fromEntries(
    Object.entries(outputs).map(([key, value]) => [key, { plaintext: JSON.stringify(value) }]),
  ),
});

describe("looking for secrets", () => {
  const secret = "s3cr3t-of-some-length";
  const isSeen = (text: string) => formsOf(secret).some((form) => text.includes(form));

  it("sees one as it is, and in base64 wherever it begins there", () => {
    assert.ok(isSeen(`password: ${secret}`));
    for (const before of ["", "a", "ab", "abc"])
      assert.ok(isSeen(Buffer.from(`${before}${secret} and more`).toString("base64")), before);
  });

  it("sees none where there is none", () => {
    assert.equal(isSeen(secret.slice(1)), false);
    assert.equal(isSeen(Buffer.from("another-secret-of-length").toString("base64")), false);
  });

  it("recognizes private keys and passwords", () => {
    const { privateKey, publicKey } = generateKeyPairSync("ec", {
      namedCurve: "P-256",
      privateKeyEncoding: { type: "pkcs8", format: "pem" },
      publicKeyEncoding: { type: "spki", format: "pem" },
    });
    const key = { privateKeyPemPkcs8: privateKey, publicKeyPem: publicKey };
    const found = generatedSecrets([
      stored("tls:index/privateKey:PrivateKey", key),
      stored("random:index/randomPassword:RandomPassword", { result: secret }),
      stored("random:index/randomId:RandomId", { hex: "abcdef" }),
    ]);
    assert.deepEqual(found, [privateKey.split("\n")[1], secret]);
  });
});
