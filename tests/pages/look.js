// Looks at pages in headless Chromium. Reads jobs as JSON on standard input, writes what it saw as JSON.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const require = createRequire(import.meta.url);
const AXE = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--hide-scrollbars",
];

// In the page: what sticks out to the right, unless a box of its own scrolls it.
const stickingOut = () => {
  const scrolled = (element) => element && (/auto|scroll/.test(getComputedStyle(element).overflowX) || scrolled(element.parentElement));
  const wide = [...document.body.querySelectorAll("*")].filter((element) => {
    const box = element.getBoundingClientRect();
    return box.width && box.right > innerWidth + 1 && !scrolled(element.parentElement);
  });
  const found = wide.map((element) => element.outerHTML.slice(0, 120));
  return document.scrollingElement.scrollWidth > innerWidth ? ["the page scrolls sideways", ...found] : found;
};

// In the page: the words of a drawing that lie over each other, stand out of their bar, or are hard to read.
const drawn = () => {
  const svg = [...document.querySelectorAll("svg.timeline, svg.queues")].find((each) => each.getBoundingClientRect().width);
  if (!svg) return null;
  const rgb = (colour) => (colour.match(/[\d.]+/g) ?? [0, 0, 0]).map(Number);
  const light = (colour) => {
    const [r, g, b] = colour.map((part) => (part / 255 <= 0.04045 ? part / 3294.6 : ((part / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const card = rgb(getComputedStyle(svg.closest(".card")).backgroundColor);
  const behind = (text) => {
    const bars = text.parentElement.matches(".yours, .asked, .queue") ? [...text.parentElement.querySelectorAll("rect.bar, rect.box")] : [];
    const at = text.getBBox();
    const bar = bars.findLast((each) => each.getBBox().x <= at.x && each.getBBox().x + each.getBBox().width > at.x);
    const style = bar && getComputedStyle(bar);
    if (!bar || style.fill === "none") return card;
    return rgb(style.fill).slice(0, 3).map((part, n) => part * style.fillOpacity + card[n] * (1 - style.fillOpacity));
  };
  const texts = [...svg.querySelectorAll("text")].filter((text) => text.textContent);
  const boxes = texts.map((text) => text.getBoundingClientRect());
  const over = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 2 && b.top < a.bottom - 2;
  const pairs = texts.flatMap((text, n) => texts.slice(n + 1).filter((_, m) => over(boxes[n], boxes[n + 1 + m])).map((other) => `${text.textContent} / ${other.textContent}`));
  const whole = svg.getBoundingClientRect();
  const contrasts = texts.map((text) => {
    const [one, two] = [light(rgb(getComputedStyle(text).fill)), light(behind(text))].sort((a, b) => b - a);
    return (one + 0.05) / (two + 0.05);
  });
  return {
    words: texts.map((text) => text.textContent),
    overlapping: pairs,
    outside: texts.filter((_, n) => boxes[n].right > whole.right + 1 || boxes[n].left < whole.left - 1).map((text) => text.textContent),
    contrast: Math.min(...contrasts), faint: texts.filter((_, n) => contrasts[n] < 4.5).map((text) => text.textContent),
    size: Math.min(...texts.map((text) => text.getScreenCTM().a * parseFloat(getComputedStyle(text).fontSize))),
  };
};

// What is only looked at is shown by a page that is kept, one for each way to look; who acts gets one of their own.
const kept = new Map();
const opened = async (browser, job) => {
  const context = await browser.newContext({
    colorScheme: job.scheme ?? "light",
    javaScriptEnabled: job.scripts ?? true,
  });
  if (job.permissions) await context.grantPermissions(job.permissions);
  const one = { context, page: await context.newPage(), said: [], asked: [] };
  one.page.on("console", (message) => one.said.push(message.text()));
  one.page.on("pageerror", (error) => one.said.push(String(error)));
  one.page.on("request", (request) => request.url().startsWith("data:") || one.asked.push(request.url()));
  one.page.on("dialog", (dialog) => { one.said.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
  return one;
};

const look = async (browser, job) => {
  const acts = job.steps || job.permissions || job.scripts === false;
  const key = `${job.scheme} ${job.media}`;
  const one = acts ? await opened(browser, job) : kept.get(key) ?? await opened(browser, job);
  if (!acts) kept.set(key, one);
  const { context, page } = one;
  const said = one.said = [], asked = one.asked = [];
  await page.setViewportSize({ width: job.width ?? 1000, height: job.height ?? 900 });
  if (job.media && !acts) await page.emulateMedia({ media: null, colorScheme: job.scheme ?? "light" });
  await page.goto(job.url, { waitUntil: "load" });
  if (job.media) await page.emulateMedia({ media: job.media, colorScheme: job.scheme ?? "light" });
  const seen = { name: job.name, said, asked };
  if (job.open) await page.evaluate(() => document.querySelectorAll("details").forEach((each) => { each.open = true; }));
  if (job.axe) {
    await page.evaluate(AXE);
    const { violations } = await page.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
    seen.violations = violations.map(({ id, impact, nodes }) => ({ id, impact, nodes: nodes.map((node) => node.html.slice(0, 200)) }));
  }
  if (job.scripts ?? true) Object.assign(seen, { stickingOut: await page.evaluate(stickingOut), drawing: await page.evaluate(drawn) });
  for (const [key, code] of Object.entries(job.steps ?? {})) {
    if (key.startsWith("press")) await page.keyboard.press(code);
    else if (key.startsWith("click")) await page.locator(code).first().click();
    else seen[key] = await page.evaluate(code);
  }
  seen.text = await page.locator("body").innerText();
  if (job.screenshot) await page.screenshot({ path: job.screenshot, fullPage: true });
  if (job.pdf) await page.pdf({ path: job.pdf, format: "A4", margin: { top: "15mm", bottom: "15mm", left: "15mm", right: "15mm" } });
  if (acts) await context.close();
  return seen;
};

const { executable, jobs } = JSON.parse(readFileSync(0, "utf8"));
const browser = await chromium.launch({ executablePath: executable, args: FLAGS, chromiumSandbox: false });
const seen = [];
for (const job of jobs) seen.push(await look(browser, job));
await browser.close();
process.stdout.write(JSON.stringify(seen));
