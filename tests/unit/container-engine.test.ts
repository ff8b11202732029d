import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Leases } from "../../images/engine/leases";
import { removal } from "../../images/engine/firewall";

describe("the firewall after an engine of our own", () => {
  const before = [
    "*filter",
    ":INPUT ACCEPT [1:2]",
    ":FORWARD ACCEPT [0:0]",
    "-A INPUT -i eth0 -j ACCEPT",
    "COMMIT",
  ];
  const bridge = "br-0123456789ab";
  const text = (...lines: string[]) => lines.join("\n");

  it("loses Docker's rules and chains, rules first, and forwards again", () => {
    const after = [
      ...["*filter", ":INPUT ACCEPT [7:8]", ":FORWARD DROP [0:0]", ":DOCKER - [0:0]", ":DOCKER-USER - [0:0]"],
      ...["-A INPUT -i eth0 -j ACCEPT", "-A FORWARD -j DOCKER-USER", `-A FORWARD -o ${bridge} -j DOCKER`],
      ...["-A DOCKER -d 172.17.0.2/32 -p tcp -j ACCEPT", "-A DOCKER-USER -j RETURN", "COMMIT"],
    ];
    assert.equal(
      removal(text(...before), text(...after)),
      text(
        ...[
          "*filter",
          ":FORWARD ACCEPT [0:0]",
          "-D FORWARD -j DOCKER-USER",
          `-D FORWARD -o ${bridge} -j DOCKER`,
        ],
        ...["-F DOCKER", "-F DOCKER-USER", "-X DOCKER", "-X DOCKER-USER", "COMMIT", ""],
      ),
    );
  });

  it("loses the rules of containers that connect to themselves", () => {
    const rule = "-A POSTROUTING -s 172.17.0.2/32 -d 172.17.0.2/32 -p tcp -m tcp --dport 6443 -j MASQUERADE";
    const after = text("*nat", ":POSTROUTING ACCEPT [0:0]", rule, "COMMIT");
    assert.equal(removal("", after), text("*nat", rule.replace("-A", "-D"), "COMMIT", ""));
  });

  it("keeps what was there, and what others have added", () => {
    const docker = ":DOCKER - [0:0]";
    const after = [
      ...before.slice(0, -1),
      "-A FORWARD -s 10.0.0.0/8 -j DROP",
      docker,
      "-A FORWARD -j DOCKER",
      "COMMIT",
    ];
    const own = [...before.slice(0, -1), docker, "-A FORWARD -j DOCKER", "COMMIT"];
    assert.equal(removal(text(...own), text(...after)), "");
  });
});

describe("the processes that use an engine of our own", () => {
  let folder: string;
  before(() => (folder = mkdtempSync(join(tmpdir(), "faasmesh-leases-"))));
  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const [title, isKept, expected] of [
    ["stops after the last one", false, 1],
    ["goes on while it is kept", true, 0],
  ] as const) {
    it(title, async () => {
      let unused = 0;
      const path = join(folder, `${expected}.sock`);
      const leases = new Leases(
        () => unused++,
        () => isKept,
      );
      await leases.listen(path);
      leases.ready();
      const [first, last] = [connect(path), connect(path)];
      await Promise.all([once(first, "data"), once(last, "data")]);
      first.end();
      await once(first, "close");
      assert.equal(unused, 0);
      last.end();
      // The last process waits until everything is removed, unless the engine goes on.
      if (isKept) await once(last, "close");
      else for (; unused === 0; ) await sleep(10);
      assert.equal(unused, expected);
      await (
        await leases.close()
      )("");
    });
  }
});
