// Opens HTML reports in Chromium as a reader does: no error, no request, filters that filter.
// Usage: node html_browser.js NODE_MODULES FILE...; SNARL_SHOTS=DIR leaves screenshots there.
'use strict';
const fs = require('fs');
const path = require('path');

const [modules, ...files] = process.argv.slice(2);
const CHROMIUM = '/usr/bin/chromium';
if (!fs.existsSync(CHROMIUM)) {
  console.log('html_browser: no chromium here');
  process.exit(77);
}
const puppeteer = require(path.resolve(modules, 'puppeteer-core'));

function check(is, what) {
  if (!is) {
    throw new Error(what);
  }
}

// A page that notes what it complains of and what it asks for.
async function open(browser, file, script) {
  const page = await browser.newPage();
  const wrong = [];
  page.on('console', (message) => ['error', 'warn'].includes(message.type()) &&
    wrong.push(message.text()));
  page.on('pageerror', (error) => wrong.push(String(error)));
  page.on('request', (request) => request.url().startsWith('file:') || wrong.push(request.url()));
  await page.setJavaScriptEnabled(script);
  await page.setViewport({ width: 1280, height: 1000 });
  const start = Date.now();
  await page.goto(`file://${path.resolve(file)}`, { waitUntil: 'load', timeout: 60000 });
  await page.evaluate(() => document.documentElement.getBoundingClientRect().height);
  return { page, wrong, ms: Date.now() - start };
}

const count = (page, selector) => page.$$eval(selector, (found) => found.length);
const shown = (page) => page.$eval('#shown', (element) => Number(element.textContent));

async function waitForShown(page, n, what) {
  await page.waitForFunction((want) =>
    Number(document.getElementById('shown').textContent) === want, { timeout: 10000 }, n)
    .catch(async () => check(false, `${what}: ${n} wanted, ${await shown(page)} shown`));
  check(await count(page, '#list > details:not([hidden])') === n, `${what}: the list differs`);
}

async function filters(page) {
  const all = await count(page, '#list > details');
  await waitForShown(page, all, 'at first');
  const rule = await page.$eval('#rules tbody tr:last-child a', (link) => link.dataset.rule);
  const some = await count(page, `#list > details[data-rule="${rule}"]`);
  check(some > 0 && some < all, 'the report has findings of several rules');
  await page.select('[data-filter=rule]', rule);
  await waitForShown(page, some, 'rule');
  await page.click('button[type=reset]');
  await waitForShown(page, all, 'reset');
  await page.type('[data-filter=text]', 'no such words anywhere');
  await waitForShown(page, 0, 'text');
  await page.click('button[type=reset]');
  await waitForShown(page, all, 'reset');
  await page.click('#rules tbody tr:last-child a');
  await waitForShown(page, some, 'a link to a rule');
  await page.click('button[type=reset]');
}

// A link opens what it leads to.
async function links(page) {
  await page.evaluate(() => { location.hash = '#f2'; });
  await page.waitForSelector('#f2[open]', { timeout: 10000 });
}

async function looks(page, file) {
  for (const scheme of ['light', 'dark']) {
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
    for (const width of [1280, 390]) {
      await page.setViewport({ width, height: 1000 });
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      check(wide <= width, `${wide} pixels on a screen of ${width}`);
      if (process.env.SNARL_SHOTS) {
        const name = `${path.basename(file, '.html')}-${width}-${scheme}.png`;
        await page.screenshot({ path: path.join(process.env.SNARL_SHOTS, name) });
      }
    }
  }
}

async function readable(browser, file) {
  const { page, wrong } = await open(browser, file, false);
  check(await page.$eval('#filters', (form) => form.hidden), 'filters that do nothing are shown');
  await page.click('#f2 > summary');
  await page.waitForSelector('#f2[open] .steps li', { visible: true, timeout: 10000 });
  check(wrong.length === 0, `without script: ${wrong.join('; ')}`);
  await page.close();
}

(async () => {
  const browser = await puppeteer.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  try {
    for (const file of files) {
      const { page, wrong, ms } = await open(browser, file, true);
      await filters(page);
      await links(page);
      await looks(page, file);
      check(wrong.length === 0, wrong.join('; '));
      console.log(`${file}: ${await count(page, '#list > details')} findings, ` +
        `${fs.statSync(file).size} bytes, loaded in ${ms} ms`);
      await page.close();
      await readable(browser, file);
    }
  } finally {
    await browser.close();
  }
})().catch((error) => {
  console.error(`html_browser: ${error.message}`);
  process.exit(1);
});
