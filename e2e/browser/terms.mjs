// Terms and conditions in Chromium: an administrator publishes a version, and a person reads and answers.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { close, doorward, enrol, house, launch, looksRight, open, setPassword, typeLogin } from './chromium.mjs';

before(launch);
after(close);

const accepted = () => doorward('terms', 'accepted').items.map(({ user, version, language }) => `${user} ${version} ${language}`);

test('a version is published in the console and accepted by keyboard, in the language of the reader', async () => {
  const somebody = await enrol('berta', 'Berta Berger');
  const hers = await open();
  await setPassword(hers, somebody);

  const page = await open();
  await page.goto(`${house.url}/admin/terms`);
  await typeLogin(page, house.administrator);
  await page.getByText('No terms have been published.').waitFor();
  await page.getByRole('link', { name: 'Publish a version' }).click();
  await page.getByLabel('Or its address (English)').fill('https://example.com/terms');
  await page.getByLabel('Text (English)').fill('Be kind.');
  await page.getByRole('button', { name: 'Publish a version' }).click();
  await page.getByText('either a text or an address').waitFor();
  assert.equal(await page.getByLabel('Text (English)').inputValue(), 'Be kind.', 'what was typed stays');
  await looksRight(page, 'console-terms-publish');
  await page.getByLabel('Or its address (English)').fill('');
  await page.getByLabel('Text (English)').fill('Be kind.\n\nAnd <script>careful</script>.');
  await page.getByLabel('Text (Deutsch)').fill('Seien Sie nett.');
  await page.getByRole('button', { name: 'Publish a version' }).click();

  // Whoever publishes has not accepted it either, and is asked with the very next page.
  await page.getByRole('heading', { name: 'Terms and conditions' }).waitFor();
  await page.getByText('And <script>careful</script>.').waitFor();
  await looksRight(page, 'terms-asked');
  await page.getByRole('button', { name: 'I accept', exact: true }).click();
  await page.getByRole('heading', { name: 'Version 1' }).waitFor();
  await page.getByRole('link', { name: 'ada' }).waitFor();
  await looksRight(page, 'console-terms-one');

  await hers.goto(`${house.url}/account/sessions`);
  const german = await open({ locale: 'de-DE', storageState: await hers.context().storageState() });
  await german.goto(`${house.url}/account/sessions`);
  await german.getByRole('heading', { name: 'Nutzungsbedingungen' }).waitFor();
  await german.getByText('Seien Sie nett.').waitFor();
  await looksRight(german, 'terms-asked-de');
  const agree = german.getByRole('button', { name: 'Ich stimme zu' });
  for (let presses = 0; presses < 20 && !(await agree.evaluate((one) => one === document.activeElement)); presses += 1) {
    await german.keyboard.press('Tab');
  }
  await german.keyboard.press('Enter');
  await german.waitForURL(`${house.url}/account/sessions`);
  assert.deepEqual(accepted(), ['berta 1 de', 'ada 1 en']);

  await page.getByRole('button', { name: 'Withdraw' }).click();
  await page.getByText('The change has been saved.').waitFor();
  await page.getByText('withdrawn').first().waitFor();
  const [version] = doorward('terms', 'list').items;
  assert.ok(version.withdrawn && !version.in_force);
});
