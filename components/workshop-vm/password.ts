import { argon2id } from "hash-wasm";

/**
 * Hashes a password for `hashed-password` of code-server. Use it only for generated passwords: the cost is low, because
 * a preview hashes the passwords of all seats, and a high cost only protects weak passwords.
 *
 * @param salt 16 bytes in base64. The same salt gives the same hash, so that plans are stable
 */
export async function hashed(password: string, salt: string): Promise<string> {
  return await argon2id({
    password,
    salt: Buffer.from(salt, "base64"),
    iterations: 2,
    parallelism: 1,
    memorySize: 1_024,
    hashLength: 32,
    outputType: "encoded",
  });
}
