// OpenFaaS's gateway, as far as calls of functions go: /function/<name>/… is asked of that function.
// node gateway.js <address> <name>=<port>…; prints the port.
const { createServer, request: ask } = require("node:http");

const [address, ...functions] = process.argv.slice(2);
const ports = Object.fromEntries(functions.map((each) => each.split("=")));

const server = createServer((request, response) => {
  const [, name, path] = /^\/function\/([^/?]+)(.*)$/.exec(request.url) ?? [];
  if (!(name in ports)) return response.writeHead(404).end();
  const asked = ask(
    { host: address, port: ports[name], path: path || "/", method: request.method },
    (answer) => {
      response.writeHead(answer.statusCode);
      answer.pipe(response);
    },
  );
  asked.on("error", () => response.writeHead(502).end());
  request.pipe(asked);
});
server.listen(0, address, () => console.log(server.address().port));
