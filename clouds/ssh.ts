/** An SSH key pair, in OpenSSH format. */
export interface SshKeyPair {
  privateKey: string;
  publicKey: string;
}
