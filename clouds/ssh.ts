/** An SSH key in OpenSSH's form. */
export interface SshKeyPair {
  privateKey: string;
  publicKey: string;
}
