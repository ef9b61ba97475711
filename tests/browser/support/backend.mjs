// A backend in a few lines: it echoes what it is sent, and refuses the methods that it is told to.
import { once } from "node:events";
import { createServer } from "node:http";

/// Serves until it is closed with its stage. `refuse` maps a method to the reason that the client is told.
export async function openBackend(stage) {
  const refuse = new Map();
  const server = createServer(async (request, response) => {
    const body = (await request.toArray()).join("");
    const reason = refuse.get(request.url.split("/").at(-1));
    if (reason) response.writeHead(403, reason).end();
    else response.writeHead(200, { "Content-Type": "application/json" }).end(body);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  stage.closes(() => (server.close(), server.closeAllConnections()));
  return { url: `http://127.0.0.1:${server.address().port}`, refuse };
}
