import { argon2id } from "hash-wasm";

/**
 * A password as code-server's `hashed-password` takes it. It is for generated passwords, which no one can guess:
 * the cost protects a weak one, and is therefore low, as fifty seats are hashed at every preview.
 *
 * @param salt 16 bytes in base64; the same salt gives the same hash, so that a plan stays the same
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
