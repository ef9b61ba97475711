// The page of `wcs-hooks simulate --demo`: what a newcomer sees first.
import { screenshot, shows } from "./support/shows.mjs";
import { stageTest } from "./support/stage.mjs";

stageTest("the demo", async (stage) => {
  const program = stage.program("wcs-hooks", ["simulate", "--demo", "--listen", "127.0.0.1:0", "--rest-listen", "127.0.0.1:0"]);
  const page = await stage.page(await program.says(/open (http:\S+)/));
  await shows(page, "#feed", "live");

  await stage.test("a refused connection", async () => {
    await page.click("#connect-refused");
    await shows(page, "#session", "refused");
    await shows(page, "#session-info", "WCS says: ");
    await shows(page, "#hooks li", "connect");
  });

  await stage.test("an accepted connection, and a stream that is played by its alias", async () => {
    await page.click("#connect-accepted");
    await shows(page, "#session", "connected");
    await page.click("#publish");
    await shows(page, "#published", "PUBLISHING");
    await page.click("#play-name");
    await shows(page, "#played", "FAILED");
    await page.click("#play-alias");
    await shows(page, "#played", "PLAYING");
  });

  await stage.test("a message that the backend answers", async () => {
    await page.fill("#text", "Hello!");
    await page.getByRole("button", { name: "Send" }).click();
    await shows(page, "#delivered", "ACCEPTED");
    await shows(page, "#reply", "Hello!");
  });

  // docs/img/simulate-demo.png
  await screenshot(page, "simulate-demo");
});
