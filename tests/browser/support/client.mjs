// pages/client.html, as a person uses it.
import { shows } from "./shows.mjs";

/// A page that is connecting.
export async function client(stage, gateway, options = {}) {
  const page = await stage.page("/pages/client.html");
  await page.evaluate((options) => connect(options), { urlServer: gateway.ws, ...options });
  return page;
}

/// A page that the backend has let in.
export async function connected(stage, gateway, options) {
  const page = await client(stage, gateway, options);
  await shows(page, "#log", "session ESTABLISHED");
  return page;
}

/// A page with a telephone number.
export async function registered(stage, gateway, login) {
  const sipOptions = { login, password: "secret", domain: "sip.example.com", registerRequired: true };
  const page = await client(stage, gateway, { sipOptions });
  await shows(page, "#log", "session REGISTERED");
  return page;
}

export async function publish(page, name) {
  await page.evaluate((name) => publish(name), name);
}

export async function play(page, name) {
  await page.evaluate((name) => play(name), name);
}
