// What a page comes to show. Nothing here waits for a time: it waits for the thing.

/// Until an element has this text. What stands there instead is told.
export async function shows(page, selector, text) {
  const element = page.locator(selector).filter({ hasText: text });
  await element.waitFor({ state: "attached" }).catch(async () => {
    const instead = await page.locator(selector).allInnerTexts();
    throw new Error(`${selector} does not show ${text} but ${JSON.stringify(instead)}`);
  });
}

/// Until a video in an element plays: its time goes on.
export async function plays(page, selector) {
  await page.waitForFunction((selector) => document.querySelector(`${selector} video`)?.currentTime > 0.2, selector);
}
