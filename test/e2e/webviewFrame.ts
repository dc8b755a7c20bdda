import type { FrameLocator, Page } from 'playwright-core';

/**
 * A webview is an iframe (`active-frame`, titled like its tab) in an iframe (`iframe.webview`), and both lie over the
 * editor rather than in it. The outer one is found through the title of the inner; the web workbench serves both from
 * its own origin, so the page may look.
 */
export async function webviewFrame(page: Page, title: string): Promise<FrameLocator> {
  const found = await page.waitForFunction((wanted) => {
    const outers = [...document.querySelectorAll<HTMLIFrameElement>('iframe.webview')];
    const outer = outers.find((frame) => {
      const inner = frame.contentDocument?.getElementById('active-frame') as HTMLIFrameElement | null | undefined;
      return inner?.title === wanted && getComputedStyle(frame).visibility !== 'hidden';
    });
    return outer?.name;
  }, title);
  return page.frameLocator(`iframe.webview[name="${await found.jsonValue()}"]`).frameLocator('#active-frame');
}
