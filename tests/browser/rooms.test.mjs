// People who chat by the page of the example of rooms.
import { screenshot, shows } from "./support/shows.mjs";
import { stageTest } from "./support/stage.mjs";
import { openWorld } from "./support/world.mjs";

stageTest("the page of rooms", async (stage) => {
  const { gateway, roomsPage } = await openWorld(stage);
  const open = (logins) => stage.page(`${roomsPage}?url=${gateway.ws}&room=hall${logins.map((login) => `&login=${login}`).join("")}`);

  /// A participant's part of a page, who has joined.
  async function join(page, pane) {
    const person = page.locator("section").nth(pane);
    await person.getByRole("button", { name: "Join" }).click();
    await shows(person, "li", "you are in hall");
    return person;
  }

  async function say(person, text, to) {
    if (to) await person.locator("select").selectOption({ label: `to ${to}` });
    await person.getByPlaceholder("message").fill(text);
    await person.getByRole("button", { name: "Send" }).click();
  }

  await stage.test("two people chat", async () => {
    const page = await open(["alice", "bob"]);
    const alice = await join(page, 0);
    const bob = await join(page, 1);
    await shows(alice, "li", "bob has joined");
    await shows(bob, "li", "with alice");
    await say(alice, "Hello, Bob!");
    await shows(bob, "li", "alice: Hello, Bob!");
    await say(bob, "Hello, Alice. All is well.", "alice");
    await shows(alice, "li", "bob: Hello, Alice. All is well.");
    await screenshot(page, "rooms");
  });

  await stage.test("another page hears what is said to all, and not what is said to one", async () => {
    const [here, there] = [await open(["alice", "bob"]), await open(["carol", "dave"])];
    const [alice, bob, carol] = [await join(here, 0), await join(here, 1), await join(there, 0)];
    await shows(alice, "li", "carol has joined");
    await say(alice, "for bob only", "bob");
    await shows(bob, "li", "for bob only");
    await say(bob, "for all");
    await shows(carol, "li", "bob: for all");
    if (await carol.getByText("for bob only").count()) throw new Error("carol hears what is said to bob");
    await there.close();
    await shows(alice, "li", "carol has left");
  });

  await stage.test("a refused message says so", async () => {
    const page = await open(["throw_message_exception", "bob"]);
    const sender = await join(page, 0);
    await join(page, 1);
    await say(sender, "hello");
    await shows(sender, ".refused", "was refused");
  });

  await stage.test("who is refused learns why", async () => {
    const page = await open(["throw_join_exception", "bob"]);
    await page.locator("section").nth(0).getByRole("button", { name: "Join" }).click();
    await shows(page, "section:first-of-type .refused", "refused");
  });
});
