// The files of this folder, node_modules with the vendor's SDK included, over HTTP.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname } from "node:path";

const ROOT = new URL("..", import.meta.url);
const TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".mjs": "text/javascript", ".css": "text/css", ".mp4": "video/mp4", ".mp3": "audio/mpeg" };

async function answer(request, response) {
  // A URL's path never leads above its root.
  const path = new URL(request.url, "http://site").pathname;
  try {
    const body = await readFile(new URL(`.${path}`, ROOT));
    response.writeHead(200, { "Content-Type": TYPES[extname(path)] ?? "application/octet-stream" }).end(body);
  } catch {
    response.writeHead(404).end();
  }
}

/// Serves until `close` is called. 127.0.0.1 is a secure context, without which a page has no camera.
export async function openSite() {
  const server = createServer(answer);
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = () => new Promise((resolve) => (server.close(resolve), server.closeAllConnections()));
  return { url: `http://127.0.0.1:${server.address().port}`, close };
}
