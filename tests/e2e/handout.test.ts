import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { writeHandout } from "../../cli/handout/handout";
import { artifact, browse } from "./workshop-boot/browser";
import { chromium, hindrance } from "./workshop-boot/needs";

const url = "https://203-0-113-10.sslip.io/";
const seat = (name: string, fingerprint = "") => ({
  url,
  gatewayUrl: "https://203-0-113-10.sslip.io:8443/",
  user: "workshop",
  password: `Xu4mPq9s${name}Kd83bWz1`,
  fingerprint,
  sshCommand: `ssh -i ${name}.key -o UserKnownHostsFile=${name}.known_hosts root@203.0.113.10`,
  sshPrivateKey: "a key",
  knownHost: "a host",
  kubeconfig: "a kubeconfig",
});
const names = Array.from({ length: 24 }, (_, index) => `seat-${index + 1}`);

describe("the handout in a browser", function () {
  this.timeout(300_000);
  const folder = mkdtempSync(join(tmpdir(), "handout-"));
  let browser: Browser | undefined;

  before(async function () {
    const why = hindrance();
    if (why !== undefined) {
      console.log(`      skipped: ${why}`);
      this.skip();
    }
    rmSync(folder, { recursive: true });
    writeHandout(
      {
        workshop: {
          name: "class",
          region: "fra1",
          size: "s-2vcpu-4gb",
          expires: "2027-03-01T18:00:00Z",
        },
        cost: { perHour: 0.86, perMonth: 576, unknown: [] },
        seats: Object.fromEntries(
          names.map((name, index) => [name, seat(name, index === 0 ? "AB:".repeat(31) + "CD" : "")]),
        ),
      },
      folder,
    );
    browser = await browse(await chromium());
  });
  after(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function open(file: string, width: number, height: number, work: (page: Page) => Promise<void>) {
    const page = await browser!.newPage({ viewport: { width, height } });
    const elsewhere: string[] = [];
    page.on("request", (request) => {
      if (!request.url().startsWith("file:")) elsewhere.push(request.url());
    });
    await page.goto(`file://${join(folder, file)}`);
    await work(page);
    assert.deepEqual(elsewhere, []);
    await page.close();
  }

  for (const [device, width, height] of [
    ["phone", 360, 740],
    ["desktop", 1280, 900],
  ] as const) {
    for (const file of ["seats/seat-1.html", "roster.html"]) {
      it(`fits a ${device}: ${file}`, () =>
        open(file, width, height, async (page) => {
          // Runs in the page, which has the DOM that these tests' types have not.
          const wide = await page.evaluate("document.documentElement.scrollWidth");
          assert.ok(Number(wide) <= width, `${String(wide)} px`);
          // Nothing is cut off inside of it: paper cannot be scrolled.
          const cut = await page.evaluate(
            `[...document.querySelectorAll("pre, dd, td")].filter((each) => each.scrollWidth > each.clientWidth).map((each) => each.textContent)`,
          );
          assert.deepEqual(cut, []);
          await page.screenshot({
            path: artifact(`handout-${file.replace(/\W+/g, "-").replace("-html", "")}-${device}.png`),
            fullPage: true,
          });
        }));
    }
  }

  it("prints a seat on one sheet of paper, and the roster on few", () =>
    open("seats/seat-1.html", 1280, 900, async (page) => {
      await page.emulateMedia({ media: "print" });
      const cut = await page.evaluate(
        `[...document.querySelectorAll("section, dl, dd, pre")].filter((each) => each.scrollHeight > each.clientHeight + 1 || each.scrollWidth > each.clientWidth + 1).map((each) => each.textContent)`,
      );
      assert.deepEqual(cut, []);
      const pages = (pdf: Buffer) => pdf.toString("latin1").match(/\/Type\s*\/Page\b/g)?.length;
      assert.equal(pages(await page.pdf({ path: artifact("handout-seat.pdf"), preferCSSPageSize: true })), 1);
      await page.goto(`file://${join(folder, "roster.html")}`);
      const roster = pages(await page.pdf({ path: artifact("handout-roster.pdf"), preferCSSPageSize: true }));
      assert.ok(roster !== undefined && roster <= 2, `${roster} pages`);
    }));

  it("has a QR code that a phone reads as the address", () =>
    open("seats/seat-2.html", 1280, 900, async (page) => {
      await page.addScriptTag({ content: readFileSync(require.resolve("jsqr"), "utf8") });
      const read = await page.evaluate(`new Promise((resolve, reject) => {
        const text = new XMLSerializer().serializeToString(document.querySelector("svg"));
        const image = new Image(600, 600);
        image.onerror = reject;
        image.onload = () => {
          const canvas = Object.assign(document.createElement("canvas"), { width: 600, height: 600 });
          const context = canvas.getContext("2d");
          context.fillStyle = "white";
          context.fillRect(0, 0, 600, 600);
          context.drawImage(image, 0, 0, 600, 600);
          resolve((window.jsQR ?? window.jsqr)(context.getImageData(0, 0, 600, 600).data, 600, 600)?.data);
        };
        image.src = "data:image/svg+xml," + encodeURIComponent(text);
      })`);
      assert.equal(read, url);
    }));
});
