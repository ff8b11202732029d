// A function of OpenFaaS, as far as requests can tell: says its name, and counts.
// node echo.js <name> <address>; prints the port. /-/count tells the count since the last time.
const { createServer } = require("node:http");

const [name, address] = process.argv.slice(2);
let count = 0;

const server = createServer((request, response) => {
  if (request.url === "/-/count") {
    response.end(String(count));
    count = 0;
    return;
  }
  count++;
  response.end(`${name} ${request.url}\n`);
});
server.listen(0, address, () => console.log(server.address().port));
