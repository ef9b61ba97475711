// A backend on Node's own HTTP server, which writes JSON as PHP does: echoes, takes refusals seriously, and refuses one stream.
import { createServer } from "node:http";

const policy = { publishStream: { restOnError: "FAIL", restPolicy: "OVERWRITE", restOverwrite: "name" } };
const php = (data) => JSON.stringify(data).replaceAll("/", "\\/");

const server = createServer(async (request, response) => {
  const data = JSON.parse((await request.toArray()).join(""));
  if (request.url.endsWith("/connect")) data.restClientConfig = policy;
  if (data.name === "forbidden") response.writeHead(403, "No such stream", { "Content-Type": "text/html; charset=UTF-8" }).end();
  else response.writeHead(200, { "Content-Type": "application/json;charset=UTF-8" }).end(php(data));
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
