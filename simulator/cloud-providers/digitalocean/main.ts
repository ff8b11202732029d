import { createHash } from "node:crypto";
import { serve } from "../stand-in";

/** A number from 1 to 250, derived from an ID. */
const octet = (id: string): number => (Number(id) % 250) + 1;

serve({
  name: "digitalocean",
  outputs: {
    "digitalocean:index/tag:Tag": (_id, { name }) => ({ id: name }),
    "digitalocean:index/vpc:Vpc": (id) => ({ default: false, vpcUrn: `do:vpc:${id}` }),
    "digitalocean:index/sshKey:SshKey": (_id, { publicKey }) => ({
      fingerprint: (createHash("md5").update(String(publicKey)).digest("hex").match(/../g) ?? []).join(":"),
    }),
    "digitalocean:index/firewall:Firewall": () => ({ status: "succeeded" }),
    "digitalocean:index/droplet:Droplet": (id) => ({
      ipv4Address: `192.0.2.${octet(id)}`,
      ipv4AddressPrivate: `10.20.0.${octet(id)}`,
      status: "active",
    }),
    // The address of the server that replaces the machine: a lab's cluster, or a test server.
    "digitalocean:index/reservedIp:ReservedIp": () => ({
      ipAddress: process.env["FAASMESH_STANDIN_ADDRESS"] ?? "127.0.0.1",
    }),
    "digitalocean:index/reservedIpAssignment:ReservedIpAssignment": () => ({}),
    "digitalocean:index/dnsRecord:DnsRecord": (_id, { name, domain }) => ({ fqdn: [name, domain].join(".") }),
  },
  replaceOnChanges: {
    "digitalocean:index/tag:Tag": ["name"],
    "digitalocean:index/vpc:Vpc": ["region", "ipRange"],
    "digitalocean:index/sshKey:SshKey": ["publicKey"],
    "digitalocean:index/droplet:Droplet": ["image", "region", "userData", "sshKeys", "vpcUuid"],
    "digitalocean:index/reservedIp:ReservedIp": ["region"],
    "digitalocean:index/reservedIpAssignment:ReservedIpAssignment": ["dropletId", "ipAddress"],
  },
  rules: {
    // Like the API: a Droplet's name must be a host name, and user-data has a size limit.
    "digitalocean:index/droplet:Droplet": ({ name, userData }) => [
      ...(/^[A-Za-z0-9.-]+$/.test(String(name)) ? [] : [{ property: "name", reason: "is not a host name" }]),
      ...(typeof userData === "string" && Buffer.byteLength(userData) > 65_536
        ? [{ property: "userData", reason: "is longer than 64 KiB" }]
        : []),
    ],
    "digitalocean:index/tag:Tag": ({ name }) =>
      /^[A-Za-z0-9:_-]{1,255}$/.test(String(name))
        ? []
        : [{ property: "name", reason: "is not a valid tag" }],
  },
});
