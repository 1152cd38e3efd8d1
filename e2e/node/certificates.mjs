// Clients that prove themselves by certificate (RFC 8705), by npm openid-client v6, and whoever has the wrong one.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { test } from 'node:test';
import * as oidc from 'openid-client';
import { Browser } from './browser.mjs';

const { issuer, folder, person, behindProxy } = JSON.parse(process.env.E2E);
const redirectUri = 'http://127.0.0.1:9/callback';
const file = (name) => readFileSync(`${folder}/${name}`);
const ca = file('server-ca.pem');

/** `fetch` with a client certificate of openssl's making; Node's own has none. */
const through = (certificate, more = {}) => (url, options) => new Promise((resolve, reject) => {
  const target = new URL(url);
  const tls = certificate ? { cert: file(`${certificate}.pem`), key: file(`${certificate}.key`) } : {};
  const headers = { ...Object.fromEntries(new Headers(options?.headers)), ...more };
  const body = options?.body === undefined || options.body === null ? undefined : String(options.body);
  const sent = request(target, { method: options?.method ?? 'GET', headers, ca, agent: false, ...tls }, (answer) => {
    const parts = [];
    answer.on('data', (part) => parts.push(part));
    answer.on('end', () => {
      const text = Buffer.concat(parts);
      const empty = [204, 304].includes(answer.statusCode);
      resolve(new Response(empty ? null : text, { status: answer.statusCode, headers: each(answer.headers) }));
    });
  });
  sent.on('error', reject);
  sent.end(body);
});

const each = (headers) => Object.entries(headers).flatMap(([name, value]) => [value].flat().map((one) => [name, one]));

/** The browser has no certificate, and goes to the usual addresses. */
globalThis.fetch = through(undefined);

async function configured(id, certificate, authentication = oidc.TlsClientAuth(), metadata = {}) {
  const execute = [];
  const config = await oidc.discovery(new URL(issuer), id, { use_mtls_endpoint_aliases: true, ...metadata }, authentication, {
    execute, [oidc.customFetch]: through(certificate),
  });
  config[oidc.customFetch] = through(certificate);
  return config;
}

const refused = (error) => (thrown) => {
  assert.equal(thrown.error, error, `${thrown}: ${JSON.stringify(thrown.cause ?? null)}`);
  return true;
};

/** What the library throws about a status with a challenge or a body. */
const turnedAway = (thrown) => {
  assert.ok([400, 401].includes(thrown.status ?? thrown.response?.status), String(thrown));
  return true;
};

test('discovery says where clients with certificates go', async () => {
  const metadata = (await configured('named', 'named')).serverMetadata();
  assert.equal(metadata.tls_client_certificate_bound_access_tokens, true);
  for (const method of ['tls_client_auth', 'self_signed_tls_client_auth']) {
    assert.ok(metadata.token_endpoint_auth_methods_supported.includes(method), method);
  }
  if (behindProxy) {
    assert.equal(metadata.mtls_endpoint_aliases, undefined);
  } else {
    assert.notEqual(new URL(metadata.mtls_endpoint_aliases.token_endpoint).port, new URL(issuer).port);
  }
});

test('a certificate of the configured authority with the registered name is the client, and its token is bound to it', async () => {
  const config = await configured('named', 'named');
  const tokens = await oidc.clientCredentialsGrant(config);
  const told = await oidc.tokenIntrospection(config, tokens.access_token);
  assert.equal(told.active, true);
  assert.equal(told.token_type, 'Bearer');
  assert.match(told.cnf['x5t#S256'], /^[\w-]{43}$/);
});

test('whoever has another certificate, or none, is not the client', async () => {
  for (const certificate of ['other', 'stranger', 'forserver', 'own', undefined]) {
    const config = await configured('named', certificate);
    await assert.rejects(oidc.clientCredentialsGrant(config), turnedAway, certificate ?? 'none');
  }
  const config = await configured('named', 'named', oidc.ClientSecretPost('guessed'));
  await assert.rejects(oidc.clientCredentialsGrant(config), turnedAway, 'a secret does not stand in for it');
});

test('a certificate with a registered key is the client, whoever signed it', async () => {
  const tokens = await oidc.clientCredentialsGrant(await configured('own', 'own'));
  assert.equal(tokens.token_type, 'bearer');
  await assert.rejects(oidc.clientCredentialsGrant(await configured('own', 'named')), turnedAway);
  await assert.rejects(oidc.clientCredentialsGrant(await configured('own', 'stranger')), turnedAway);
});

test('a person logs in, and the token is worth nothing to a thief', async () => {
  const config = await configured('named', 'named');
  const verifier = oidc.randomPKCECodeVerifier();
  const url = oidc.buildAuthorizationUrl(config, {
    redirect_uri: redirectUri,
    scope: 'openid profile',
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  });
  const page = await new Browser(redirectUri).logIn(url, person);
  const tokens = await oidc.authorizationCodeGrant(config, page.url, { pkceCodeVerifier: verifier, idTokenExpected: true });
  const { sub } = tokens.claims();
  assert.equal((await oidc.fetchUserInfo(config, tokens.access_token, sub)).preferred_username, 'alice');
  for (const certificate of ['other', 'own', undefined]) {
    const thief = await configured('named', certificate);
    await assert.rejects(oidc.fetchUserInfo(thief, tokens.access_token, sub), turnedAway, certificate ?? 'none');
  }
  const again = await oidc.refreshTokenGrant(config, tokens.refresh_token);
  assert.equal((await oidc.fetchUserInfo(config, again.access_token, sub)).preferred_username, 'alice');
});

test('an application with a secret has its tokens bound too, and gets none without its certificate', async () => {
  const { secret } = JSON.parse(process.env.E2E);
  const tokens = await oidc.clientCredentialsGrant(await configured('bound', 'own', oidc.ClientSecretBasic(secret)));
  const told = await oidc.tokenIntrospection(await configured('bound', 'own', oidc.ClientSecretBasic(secret)), tokens.access_token);
  assert.match(told.cnf['x5t#S256'], /^[\w-]{43}$/);
  await assert.rejects(oidc.clientCredentialsGrant(await configured('bound', undefined, oidc.ClientSecretBasic(secret))), refused('invalid_request'));
});

test('nobody names a certificate in a header', async () => {
  const pem = file('named.pem').toString();
  const der = pem.replace(/-----.*-----|\s/g, '');
  for (const value of [`:${der}:`, encodeURIComponent(pem)]) {
    const headers = { 'content-type': 'application/x-www-form-urlencoded', 'client-cert': value };
    const body = new URLSearchParams({ grant_type: 'client_credentials', client_id: 'named' });
    const answer = await through(undefined)(`${issuer}/token`, { method: 'POST', headers, body });
    assert.equal(answer.status, 401, await answer.text());
  }
});

test('where clients with certificates go there is no page', async () => {
  if (behindProxy) return;
  const metadata = (await configured('named', 'named')).serverMetadata();
  const base = new URL(metadata.mtls_endpoint_aliases.token_endpoint).origin;
  for (const path of ['/login', '/', '/admin', '/authorize', '/api/v1/status']) {
    const answer = await through('named')(`${base}${path}`);
    assert.equal(answer.status, 404, path);
  }
});
