import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { metadataUnit } from "../../clouds/k3s";
import type { SshKeyPair } from "../../clouds/ssh";

interface CloudConfig {
  write_files: { path: string; content: string; permissions?: string }[];
  [module: string]: unknown;
}

const read = (file: string): string => readFileSync(join(__dirname, "cloud-init", file), "utf8");

/**
 * Returns the user-data of a node. Its only secret is the SSH host key of the node, with which the first connection
 * verifies the machine. Pods cannot read it: the metadata service is blocked for them before k3s starts.
 */
export function userData(hostKey: SshKeyPair): string {
  const config = parse(read("node.yaml")) as CloudConfig;
  const files = [
    { path: "/etc/faasmesh/metadata.nft", content: read("metadata.nft") },
    { path: "/etc/systemd/system/faasmesh-metadata.service", content: metadataUnit() },
  ];
  return `#cloud-config\n${stringify({
    ...config,
    ssh_keys: { ed25519_private: hostKey.privateKey, ed25519_public: hostKey.publicKey.trim() },
    write_files: [...config.write_files, ...files],
  })}`;
}
