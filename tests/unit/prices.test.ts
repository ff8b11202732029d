import { strict as assert } from "node:assert";
import { costOf, costText, type PriceTable, prices } from "../../config/prices";

describe("prices", () => {
  it("are estimated for an hour and a day", () => {
    assert.deepEqual(costOf("digitalocean", "s-2vcpu-4gb", 1), { perHour: 0.0357, perDay: 0.86 });
    assert.deepEqual(costOf("digitalocean", "s-4vcpu-8gb", 50), { perHour: 3.5714, perDay: 85.71 });
  });

  it("are told with their date and their source", () => {
    assert.equal(
      costText("digitalocean", "s-4vcpu-8gb", 2),
      "2 VMs of size s-4vcpu-8gb: about 0.14 USD an hour, 3.43 USD a day, without tax " +
        "(prices of 2026-09-20; https://www.digitalocean.com/pricing/droplets)",
    );
  });

  it("are said to be unknown where they are", () => {
    const unknown = "s-2vcpu-8gb-amd";
    assert.equal(costOf("digitalocean", unknown, 3), undefined);
    assert.equal(
      costText("digitalocean", unknown, 3),
      `3 VMs of size ${unknown}: the price is unknown here; see https://www.digitalocean.com/pricing/droplets`,
    );
    assert.equal(costOf("digitalocean", "no-such-size", 1), undefined);
  });

  for (const [cloud, table] of Object.entries<PriceTable>(prices)) {
    it(`of ${cloud} have a date, and sizes that are what their names say`, () => {
      assert.ok(new Date(table.asOf) < new Date());
      for (const [name, { vcpus, memory, monthly }] of Object.entries(table.sizes)) {
        const [, cpus, gb] = /-(\d+)vcpu-(\d+)gb/.exec(name) ?? [];
        if (cpus !== undefined) assert.deepEqual([vcpus, memory], [Number(cpus), Number(gb)], name);
        assert.ok(monthly === undefined || monthly > 0, name);
      }
    });
  }
});
