import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { checkDownloads } from "../../cli/downloads/check-downloads";

describe("pinned downloads", () => {
  let server: Server;
  let origin: string;
  before(async () => {
    server = createServer((request, response) =>
      response.writeHead(request.url === "/gone" ? 404 : 200).end(request.url),
    );
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => server.close());

  const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
  const pin = (path: string, content = path) => ({
    url: `${origin}${path}`,
    check: { sha256: sha256(content) },
  });

  it("are downloaded and compared; those that the release itself vouches for are not", async () => {
    const shown: string[] = [];
    const sums = { url: `${origin}/gone`, check: { sums: `${origin}/gone.sha256` } };
    await checkDownloads({ a: pin("/a"), sums }, (text) => shown.push(text));
    assert.deepEqual(shown, ["a: as pinned"]);
  });

  it("are all named that are other ones, with the SHA-256 that there is", async () => {
    const downloads = { a: pin("/a"), b: pin("/b", "other"), c: pin("/gone") };
    await assert.rejects(
      checkDownloads(downloads, () => {}),
      (error: Error) => {
        assert.match(
          error.message,
          new RegExp(`b: the SHA-256 of ${origin}/b is ${sha256("/b")}, and versions`),
        );
        assert.match(error.message, /^c: http.*\/gone: HTTP 404 Not Found$/m);
        assert.match(error.message, /take the new SHA-256 into vmDownloads/);
        assert.doesNotMatch(error.message, /^a:/m);
        return true;
      },
    );
  });
});
