// The modules of the OpenID conformance plans Basic OP, Form Post OP, Config OP and, as far as it needs no registration,
// Dynamic OP: each test has the name of its module. The suite itself was not run.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import * as oidc from 'openid-client';
import { answer, apps, configured, data, finish, insecure, issuer, key, parameters, person, redirectUri, refused, run } from './application.mjs';
import { Browser } from './browser.mjs';

/** One module, for the plan Basic and again for Form Post. */
function module(name, body) {
  test(name, () => body((more) => parameters(more)));
  test(`${name} (form post)`, () => body((more) => parameters({ response_mode: 'form_post', ...more })));
}

const seconds = (count) => new Promise((done) => setTimeout(done, count * 1000));

async function logIn(make, more = {}, { config, browser = new Browser(redirectUri) } = {}) {
  config ??= await configured('basic');
  const { sent, kept } = await make(more);
  return { config, ...(await finish(config, oidc.buildAuthorizationUrl(config, sent), kept, { browser })) };
}

/** The error that an authorization request comes back with. */
async function error(make, more, { id = 'basic', browser = new Browser(redirectUri) } = {}) {
  const { sent } = await make(more);
  const url = oidc.buildAuthorizationUrl(await configured(id), sent);
  for (const [name, value] of Object.entries(more)) if (value === undefined) url.searchParams.delete(name);
  const page = await browser.get(url);
  const { parameters: got } = await answer(browser, page);
  return { error: got.get('error'), state: got.get('state'), sent, page };
}

async function userinfo(token, { method = 'GET', headers = {}, body } = {}) {
  const response = await fetch(`${issuer}/userinfo`, { method, headers: { ...headers, ...(body ? {} : { authorization: `Bearer ${token}` }) }, body });
  assert.equal(response.status, 200);
  return response.json();
}

test('oidcc_discovery_endpoint_verification', async () => {
  const response = await fetch(`${issuer}/.well-known/openid-configuration`);
  assert.equal(response.headers.get('content-type'), 'application/json');
  const metadata = await response.json();
  assert.equal(metadata.issuer, issuer);
  for (const endpoint of ['authorization_endpoint', 'token_endpoint', 'userinfo_endpoint', 'jwks_uri', 'pushed_authorization_request_endpoint']) {
    assert.ok(metadata[endpoint].startsWith(`${issuer}/`), endpoint);
  }
  assert.deepEqual(metadata.response_types_supported, ['code']);
  assert.ok(metadata.subject_types_supported.includes('public'));
  assert.ok(metadata.id_token_signing_alg_values_supported.includes('RS256'));
  assert.ok(!JSON.stringify(metadata).includes('"none"') || !metadata.id_token_signing_alg_values_supported.includes('none'));
  for (const claim of ['sub', 'name', 'email', 'address', 'phone_number']) assert.ok(metadata.claims_supported.includes(claim), claim);
  for (const scope of ['openid', 'profile', 'email', 'address', 'phone', 'offline_access']) assert.ok(metadata.scopes_supported.includes(scope), scope);
  const { keys } = await (await fetch(metadata.jwks_uri)).json();
  assert.ok(keys.length > 0 && keys.every((one) => one.kid && one.use === 'sig' && !('d' in one)));
});

module('oidcc_server', async (make) => {
  const { claims, tokens, config } = await logIn(make);
  assert.equal(claims.iss, issuer);
  assert.equal(claims.aud, 'basic');
  assert.ok(claims.exp > claims.iat && claims.sub);
  assert.equal((await oidc.fetchUserInfo(config, tokens.access_token, claims.sub)).sub, claims.sub);
});

module('oidcc_response_type_missing', async (make) => {
  const { error: code, state, sent } = await error(make, { response_type: undefined });
  assert.equal(code, 'invalid_request');
  assert.equal(state, sent.state);
});

module('oidcc_idtoken_signature', async (make) => {
  const config = await configured('basic');
  oidc.enableNonRepudiationChecks(config);
  const { tokens } = await logIn(make, {}, { config });
  assert.equal(JSON.parse(Buffer.from(tokens.id_token.split('.')[0], 'base64url')).alg, 'RS256');
});

test('oidcc_idtoken_unsigned', () => {
  assert.throws(() => run('app', 'edit', 'basic', '--id-token-alg', 'none'), /RS256/, 'no application can have them');
});

module('oidcc_userinfo_get', async (make) => {
  const { tokens, claims } = await logIn(make);
  assert.equal((await userinfo(tokens.access_token)).sub, claims.sub);
});

module('oidcc_userinfo_post_header', async (make) => {
  const { tokens, claims } = await logIn(make);
  assert.equal((await userinfo(tokens.access_token, { method: 'POST' })).sub, claims.sub);
});

module('oidcc_userinfo_post_body', async (make) => {
  const { tokens, claims } = await logIn(make);
  const body = new URLSearchParams({ access_token: tokens.access_token });
  assert.equal((await userinfo(tokens.access_token, { method: 'POST', body })).sub, claims.sub);
});

module('oidcc_ensure_request_without_nonce_succeeds_for_code_flow', async (make) => {
  const config = await configured('basic');
  const { sent, kept } = await make();
  delete sent.nonce;
  const { claims } = await finish(config, oidc.buildAuthorizationUrl(config, sent), { ...kept, nonce: undefined });
  assert.equal(claims.nonce, undefined);
});

const scopes = [
  ['oidcc_scope_profile', 'profile', ['name', 'preferred_username', 'given_name']],
  ['oidcc_scope_email', 'email', ['email', 'email_verified']],
  ['oidcc_scope_address', 'address', ['address']],
  ['oidcc_scope_phone', 'phone', ['phone_number']],
  ['oidcc_scope_all', 'profile email address phone', ['name', 'email', 'address', 'phone_number']],
];

for (const [name, scope, expected] of scopes) {
  module(name, async (make) => {
    const { tokens, claims, config } = await logIn(make, { scope: `openid ${scope}` });
    const told = await oidc.fetchUserInfo(config, tokens.access_token, claims.sub);
    for (const claim of expected) assert.ok(told[claim] !== undefined, `${claim} of ${JSON.stringify(told)}`);
    if (!scope.includes('email')) assert.equal(told.email, undefined);
  });
}

module('oidcc_alternate_happy_flow', async (make) => {
  const config = await configured('second');
  const { claims } = await logIn(make, { redirect_uri: `${redirectUri}/second` }, { config });
  assert.equal(claims.aud, 'second');
});

for (const [name, display] of [['oidcc_display_page', 'page'], ['oidcc_display_popup', 'popup']]) {
  module(name, async (make) => void (await logIn(make, { display })));
}

module('oidcc_prompt_login', async (make) => {
  const { browser, claims } = await logIn(make);
  await seconds(1.1);
  const again = await logIn(make, { prompt: 'login' }, { browser });
  assert.ok(again.claims.auth_time > claims.auth_time, 'the password was asked for');
});

module('oidcc_prompt_none_not_logged_in', async (make) => {
  const { error: code, state, sent } = await error(make, { prompt: 'none' });
  assert.equal(code, 'login_required');
  assert.equal(state, sent.state);
});

module('oidcc_prompt_none_logged_in', async (make) => {
  const { browser, claims } = await logIn(make);
  const silent = await logIn(make, { prompt: 'none' }, { browser });
  assert.equal(silent.claims.sub, claims.sub);
  assert.equal(silent.claims.auth_time, claims.auth_time);
});

module('oidcc_max_age_1', async (make) => {
  const { browser, claims } = await logIn(make);
  await seconds(2);
  const again = await logIn(make, { max_age: 1 }, { browser });
  assert.ok(again.claims.auth_time > claims.auth_time);
});

module('oidcc_max_age_10000', async (make) => {
  const { browser, claims } = await logIn(make, { max_age: 10000 });
  assert.equal(typeof claims.auth_time, 'number');
  const again = await logIn(make, { max_age: 10000 }, { browser });
  assert.equal(again.claims.auth_time, claims.auth_time);
});

module('oidcc_ensure_request_with_unknown_parameter_succeeds', async (make) => void (await logIn(make, { extra: 'foobar' })));

module('oidcc_id_token_hint', async (make) => {
  const { browser, tokens, claims } = await logIn(make);
  const hinted = await logIn(make, { prompt: 'none', id_token_hint: tokens.id_token }, { browser });
  assert.equal(hinted.claims.sub, claims.sub);
});

module('oidcc_login_hint', async (make) => {
  const { sent } = await make({ login_hint: 'alice' });
  const page = await new Browser(redirectUri).get(oidc.buildAuthorizationUrl(await configured('basic'), sent));
  assert.equal(page.forms()[0].fields.username, 'alice');
});

module('oidcc_ui_locales', async (make) => void (await logIn(make, { ui_locales: 'se' })));
module('oidcc_claims_locales', async (make) => void (await logIn(make, { claims_locales: 'se' })));

module('oidcc_ensure_request_with_acr_values_succeeds', async (make) => {
  const wanted = 'https://refeds.org/profile/sfa';
  const { claims } = await logIn(make, { acr_values: `urn:nothing ${wanted}` });
  assert.equal(claims.acr, wanted);
});

async function redeemedTwice(make, wait) {
  const config = await configured('basic');
  const { sent, kept } = await make();
  const browser = new Browser(redirectUri);
  const page = await browser.logIn(oidc.buildAuthorizationUrl(config, sent), person);
  const { parameters: got } = await answer(browser, page);
  const redeem = () =>
    fetch(`${issuer}/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`basic:${apps.basic.secret}`).toString('base64')}` },
      body: new URLSearchParams({ grant_type: 'authorization_code', code: got.get('code'), redirect_uri: redirectUri, code_verifier: kept.verifier }),
    });
  const first = await redeem();
  assert.equal(first.status, 200);
  const { access_token } = await first.json();
  await seconds(wait);
  const second = await redeem();
  assert.equal(second.status, 400);
  assert.equal((await second.json()).error, 'invalid_grant');
  assert.deepEqual(await oidc.tokenIntrospection(config, access_token), { active: false }, 'the token of the first use has ended');
}

module('oidcc_codereuse', (make) => redeemedTwice(make, 0));
test('oidcc_codereuse_30seconds', () => redeemedTwice(parameters, 30));

module('oidcc_ensure_registered_redirect_uri', async (make) => {
  const { error: code, page } = await error(make, { redirect_uri: `${redirectUri}/elsewhere` });
  assert.equal(code, null);
  assert.equal(page.url.origin, new URL(issuer).origin);
  assert.ok(page.status >= 400);
});

module('oidcc_ensure_post_request_succeeds', async (make) => {
  const config = await configured('basic');
  const { sent, kept } = await make();
  const body = oidc.buildAuthorizationUrl(config, sent).searchParams.toString();
  const browser = new Browser(redirectUri);
  const login = await browser.walk('POST', new URL(`${issuer}/authorize`), body, 'https://app.example');
  const page = await browser.submit(login, '/login', { username: person.name, password: person.password });
  const { from } = await answer(browser, page);
  const tokens = await oidc.authorizationCodeGrant(config, from, { pkceCodeVerifier: kept.verifier, expectedState: kept.state, expectedNonce: kept.nonce });
  assert.ok(tokens.claims().sub);
});

module('oidcc_server_client_secret_post', async (make) => {
  const config = await oidc.discovery(new URL(issuer), 'basic', {}, oidc.ClientSecretPost(apps.basic.secret), insecure);
  await logIn(make, {}, { config });
});

const unsigned = (claims) => `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.`;

module('oidcc_request_uri_unsigned_supported_correctly_or_rejected_as_unsupported', async (make) => {
  const { error: code } = await error(make, { request_uri: 'https://app.example/request.jwt' });
  assert.equal(code, 'request_uri_not_supported');
});

module('oidcc_unsigned_request_object_supported_correctly_or_rejected_as_unsupported', async (make) => {
  const { error: code } = await error(make, { request: unsigned({ scope: 'openid' }) });
  assert.equal(code, 'request_not_supported');
});

module('oidcc_claims_essential', async (make) => {
  const claims = JSON.stringify({ userinfo: { name: { essential: true } } });
  const { tokens, claims: id, config } = await logIn(make, { scope: 'openid', claims });
  assert.equal((await oidc.fetchUserInfo(config, tokens.access_token, id.sub)).name, 'Alice Archer');
});

module('oidcc_ensure_request_object_with_redirect_uri', async (make) => {
  const config = await configured('objects');
  const { sent, kept } = await make();
  const url = await oidc.buildAuthorizationUrlWithJAR(config, sent, key);
  url.searchParams.set('redirect_uri', 'https://elsewhere.example/');
  await finish(config, url, kept);
});

module('oidcc_refresh_token', async (make) => {
  const { config, tokens, claims } = await logIn(make, { scope: 'openid offline_access', prompt: 'consent' });
  const again = await oidc.refreshTokenGrant(config, tokens.refresh_token);
  assert.notEqual(again.access_token, tokens.access_token);
  assert.equal(again.claims().sub, claims.sub);
  assert.equal(again.claims().iss, claims.iss);
  assert.equal(again.claims().aud, claims.aud);
  const other = await configured('second');
  await assert.rejects(oidc.refreshTokenGrant(other, again.refresh_token), refused('invalid_grant'));
});

module('oidcc_ensure_request_with_valid_pkce_succeeds', async (make) => void (await logIn(make)));

// Dynamic OP, as far as it needs no registration.

test('oidcc_idtoken_rs256', async () => {
  const { tokens } = await logIn(parameters, {}, { config: await configured('basic', { id_token_signed_response_alg: 'RS256' }) });
  assert.ok(tokens.id_token);
});

test('oidcc_userinfo_rs256', async () => {
  const config = await configured('signed', { userinfo_signed_response_alg: 'RS256' });
  oidc.enableNonRepudiationChecks(config);
  const { tokens, claims } = await logIn(parameters, {}, { config });
  assert.equal((await oidc.fetchUserInfo(config, tokens.access_token, claims.sub)).sub, claims.sub);
});

test('oidcc_ensure_redirect_uri_in_authorization_request', async () => {
  const { error: code, page } = await error(parameters, { redirect_uri: undefined });
  assert.equal(code, null);
  assert.ok(page.status >= 400);
});

const query = `${redirectUri}?foo=bar`;

test('oidcc_redirect_uri_query_OK', async () => {
  const config = await configured('query');
  const { sent, kept } = await parameters({ redirect_uri: query });
  const page = await new Browser(redirectUri).logIn(oidc.buildAuthorizationUrl(config, sent), person);
  assert.equal(page.url.searchParams.get('foo'), 'bar');
  // The library takes the query for that of the answer and sends the address without it.
  const response = await fetch(`${issuer}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`query:${apps.query.secret}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'authorization_code', code: page.url.searchParams.get('code'), redirect_uri: query, code_verifier: kept.verifier }),
  });
  assert.equal(response.status, 200);
});

for (const [name, uri] of [
  ['oidcc_redirect_uri_query_mismatch', `${redirectUri}?foo=baz`],
  ['oidcc_redirect_uri_query_added', `${redirectUri}?foo=bar&more=1`],
]) {
  test(name, async () => {
    const { error: code, page } = await error(parameters, { redirect_uri: uri }, { id: 'query' });
    assert.equal(code, null);
    assert.ok(page.status >= 400);
  });
}

test('oidcc_redirect_uri_regfrag', () => {
  assert.throws(() => run('app', 'edit', 'basic', '--add-redirect-uri', `${redirectUri}#fragment`), /fragment/);
});

test('oidcc_request_uri_unsigned', async () => {
  const { error: code } = await error(parameters, { request: unsigned({ scope: 'openid' }) }, { id: 'objects' });
  assert.equal(code, 'invalid_request_object', 'an object without a signature is none, by whichever way it comes');
});

test('oidcc_request_uri_signed_rs256', async () => {
  const rsa = await crypto.subtle.importKey('jwk', apps.keys.rsa, { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }, false, ['sign']);
  const config = await oidc.discovery(new URL(issuer), 'rsa', {}, oidc.PrivateKeyJwt({ key: rsa, kid: 'rsa' }), insecure);
  const { sent, kept } = await parameters();
  const url = await oidc.buildAuthorizationUrlWithJAR(config, sent, { key: rsa, kid: 'rsa' });
  const { createServer } = await import('node:http');
  const server = createServer((_, response) => response.end(url.searchParams.get('request')));
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  try {
    const at = `http://127.0.0.1:${server.address().port}/request.jwt`;
    run('app', 'edit', 'rsa', '--add-request-uri', at);
    const fetched = new URL(`${issuer}/authorize`);
    fetched.search = new URLSearchParams({ client_id: 'rsa', request_uri: at });
    await finish(config, fetched, kept);
  } finally {
    server.close();
  }
});

test('oidcc_ensure_client_assertion_with_iss_aud_succeeds', async () => {
  let audience;
  const method = oidc.PrivateKeyJwt(key, {
    [oidc.modifyAssertion]: (_, claims) => {
      audience = claims.aud = issuer;
    },
  });
  const config = await oidc.discovery(new URL(issuer), 'objects', {}, method, insecure);
  await logIn(parameters, {}, { config });
  assert.equal(audience, issuer);
});

test('oidcc_refresh_token_rp_key_rotation', async () => {
  const { tokens, claims } = await logIn(parameters, { scope: 'openid offline_access', prompt: 'consent' }, { config: await configured('rotates') });
  const next = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign']);
  const file = `${data}/rotated.jwks`;
  writeFileSync(file, JSON.stringify({ keys: [{ ...(await crypto.subtle.exportKey('jwk', next.publicKey)), kid: 'next', alg: 'ES256', key_ops: undefined }] }));
  run('app', 'edit', 'rotates', '--jwks', file);
  await assert.rejects(oidc.refreshTokenGrant(await configured('rotates'), tokens.refresh_token), refused('invalid_client'), 'the old key has ended');
  const config = await oidc.discovery(new URL(issuer), 'rotates', {}, oidc.PrivateKeyJwt({ key: next.privateKey, kid: 'next' }), insecure);
  const again = await oidc.refreshTokenGrant(config, tokens.refresh_token);
  assert.equal(again.claims().sub, claims.sub);
});

// Third-Party Initiated Login OP.

test('oidcc_3rd_party_init_login', async () => {
  const { browser } = await logIn(parameters);
  const start = await browser.get(`${issuer}/`);
  const tile = start.html.match(/href="(http:\/\/127\.0\.0\.1:9\/start[^"]*)"/)?.[1].replaceAll('&amp;', '&').replaceAll('&#38;', '&');
  assert.ok(tile, start.html);
  const told = new URL(tile).searchParams;
  assert.equal(told.get('iss'), issuer);
  assert.equal(told.get('target_link_uri'), 'http://127.0.0.1:9/home');
  // The application begins a login with the issuer that it was told, and the person need not type anything.
  const config = await oidc.discovery(new URL(told.get('iss')), 'initiates', {}, oidc.ClientSecretBasic(apps.initiates.secret), insecure);
  const { claims } = await logIn(parameters, { prompt: 'none' }, { config, browser });
  assert.equal(claims.aud, 'initiates');
});
