// One page by Node's http module, read once.
//
//     node server.js PORT FILE

const { createServer } = require("node:http");
const { readFileSync } = require("node:fs");

const [port, file] = process.argv.slice(2);
const page = readFileSync(file);

createServer((request, response) => {
  const isPage = request.url === "/";
  response.writeHead(isPage ? 200 : 404, { "Content-Type": "text/html" });
  response.end(isPage ? page : undefined);
}).listen(Number(port));
