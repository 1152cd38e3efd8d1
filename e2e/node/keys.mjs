// npm openid-client v6 over a rotation of the signing keys: it keeps the key set that it fetched.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import * as oidc from 'openid-client';
import { Browser } from './browser.mjs';

const { issuer, secret, person, doorward, data } = JSON.parse(process.env.E2E);
const redirectUri = 'http://127.0.0.1:9/callback';

const run = (...words) => JSON.parse(execFileSync(doorward, ['--data', data, '--json', ...words], { encoding: 'utf8' }));
const keys = (state) => run('key', 'list').items.filter((key) => key.alg === 'ES256' && key.state === state).map(({ kid }) => kid);

/** A client that checks every signature with the keys that it has. */
async function started() {
  const execute = [oidc.allowInsecureRequests];
  const config = await oidc.discovery(new URL(issuer), 'wiki', { id_token_signed_response_alg: 'ES256' }, oidc.ClientSecretBasic(secret), { execute });
  oidc.enableNonRepudiationChecks(config);
  return config;
}

async function logIn(config) {
  const verifier = oidc.randomPKCECodeVerifier();
  const state = oidc.randomState();
  const url = oidc.buildAuthorizationUrl(config, {
    redirect_uri: redirectUri, scope: 'openid profile', state,
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256',
  });
  const page = await new Browser(redirectUri).logIn(url, person);
  const tokens = await oidc.authorizationCodeGrant(config, page.url, { pkceCodeVerifier: verifier, expectedState: state, idTokenExpected: true });
  const kid = JSON.parse(Buffer.from(tokens.id_token.split('.')[0], 'base64url')).kid;
  return { tokens, kid, sub: tokens.claims().sub };
}

const isActive = async (config, { tokens }) => (await oidc.tokenIntrospection(config, tokens.access_token)).active;

test('a client that fetched the keys while the next one was published needs nothing when it signs', async () => {
  const [first] = keys('active');
  const before = await logIn(await started());
  assert.equal(before.kid, first);
  run('key', 'rotate');
  const [next] = keys('next');
  const client = await started();
  assert.equal((await logIn(client)).kid, first, 'the next key is published and does not sign');
  run('key', 'rotate', '--at-once');
  assert.deepEqual([keys('active'), keys('retiring')], [[next], [first]]);
  const after = await logIn(client);
  assert.equal(after.kid, next);
  const user = await oidc.fetchUserInfo(client, before.tokens.access_token, before.sub);
  assert.equal(user.preferred_username, person.name, 'what the old key signed is good until it ends');
  assert.ok(await isActive(client, before) && await isActive(client, after));

  // Somebody else may have the old key, and then the new one.
  for (const [lost, login] of [[first, before], [next, after]]) {
    run('key', 'retire', lost, '--yes');
    assert.equal(await isActive(client, login), false, 'at once, though the answer was kept a moment ago');
    await assert.rejects(oidc.fetchUserInfo(client, login.tokens.access_token, login.sub), ({ status, response }) => (status ?? response?.status) === 401);
    const { keys: published } = await (await fetch(`${issuer}/jwks.json`)).json();
    assert.ok(!published.some(({ kid }) => kid === lost));
  }
  const last = await logIn(await started());
  assert.ok(![first, next].includes(last.kid));
  assert.ok(await isActive(client, last));
});

test('oidcc_server_rotate_keys', async () => {
  const published = async () => (await (await fetch(`${issuer}/jwks.json`)).json()).keys.map(({ kid }) => kid);
  const client = await started();
  const before = await logIn(client);
  run('key', 'rotate');
  run('key', 'rotate', '--at-once');
  const after = await logIn(await started());
  assert.notEqual(after.kid, before.kid);
  const kids = await published();
  assert.ok(kids.includes(after.kid) && kids.includes(before.kid), 'what the old key signed can still be verified');
  assert.equal(new Set(kids).size, kids.length);
  assert.ok(await isActive(client, before) && await isActive(client, after));
});
