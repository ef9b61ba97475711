// What a page comes to show. Nothing here waits for a time: it waits for the thing.

import { fileURLToPath } from "node:url";

/// Until an element of the page, or of a part of it, has this text. What stands there instead is told.
export async function shows(page, selector, text) {
  const element = page.locator(selector).filter({ hasText: text }).first();
  await element.waitFor({ state: "attached" }).catch(async () => {
    const instead = await page.locator(selector).allInnerTexts();
    throw new Error(`${selector} does not show ${text} but ${JSON.stringify(instead)}`);
  });
}

/// Until a video in an element plays: its time goes on.
export async function plays(page, selector) {
  await page.waitForFunction((selector) => document.querySelector(`${selector} video`)?.currentTime > 0.2, selector);
}

/// For whoever looks at the tests, and for the docs.
export async function screenshot(page, name) {
  await page.screenshot({ path: fileURLToPath(new URL(`../screenshots/${name}.png`, import.meta.url)) });
}
