// A backend in a few lines: it echoes what it is sent, and refuses the methods that it is told to.
import { once } from "node:events";
import { createServer } from "node:http";

/// Answers to connect that WCS is to mind refusals of these methods.
const minding = (methods) => ({ restClientConfig: Object.fromEntries(methods.map((method) => [method, { restOnError: "FAIL" }])) });

/// Serves until the stage is closed. `refused` maps a method to the reason that is given; only those of `minded` take effect.
export async function openBackend(stage, minded = []) {
  const refused = new Map();
  const server = createServer(async (request, response) => {
    const body = (await request.toArray()).join("");
    const method = request.url.split("/").at(-1);
    if (refused.has(method)) return response.writeHead(403, refused.get(method)).end();
    const answer = method === "connect" ? JSON.stringify({ ...JSON.parse(body), ...minding(minded) }) : body;
    response.writeHead(200, { "Content-Type": "application/json" }).end(answer);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  stage.closes(() => (server.close(), server.closeAllConnections()));
  return { url: `http://127.0.0.1:${server.address().port}`, refused };
}
