// The modules of the OpenID conformance plan FAPI-CIBA (poll) about how a client proves itself: each test has the name of its
// module, in the variant private_key_jwt with DPoP. The suite itself was not run. The request itself: ciba_tests.rs of the
// provider; what comes of the answer: conformance_ciba.rs.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { apps, issuer, key, person } from './application.mjs';
import { Browser } from './browser.mjs';

const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
const now = () => Math.floor(Date.now() / 1000);
const ecdsa = { name: 'ECDSA', hash: 'SHA-256' };
const rsa = await crypto.subtle.importKey('jwk', apps.keys.rsa, { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }, false, ['sign']);
const bound = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign']);
const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', bound.publicKey);

/** A token with these claims and this header. */
async function jwt(claims, header, by) {
  const signed = `${encode(header)}.${encode(claims)}`;
  const how = header.alg === 'ES256' ? ecdsa : 'RSASSA-PKCS1-v1_5';
  return `${signed}.${Buffer.from(await crypto.subtle.sign(how, by, Buffer.from(signed))).toString('base64url')}`;
}

const es256 = [{ alg: 'ES256', kid: 'e2e' }, key.key];
const rs256 = [{ alg: 'RS256', kid: 'rsa' }, rsa];

/** What proves an application. */
async function proof(id, how = es256, change = {}) {
  const claims = { iss: id, sub: id, aud: issuer, jti: crypto.randomUUID(), iat: now(), exp: now() + 60, ...change };
  return {
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: await jwt(claims, ...how),
  };
}

/** What proves the key that tokens are bound to (RFC 9449 §4.2). */
const possession = (path, more = {}) =>
  jwt(
    { jti: crypto.randomUUID(), iat: now(), htm: 'POST', htu: `${issuer}${path}`, ...more },
    { typ: 'dpop+jwt', alg: 'ES256', jwk: { kty, crv, x, y } },
    bound.privateKey,
  );

async function post(path, form, { unbound = false } = {}) {
  const headers = path === '/token' && !unbound ? { dpop: await possession(path) } : {};
  const response = await fetch(`${issuer}${path}`, { method: 'POST', headers, body: new URLSearchParams(form) });
  return { status: response.status, ...(await response.json()) };
}

/** A signed request to ask the person. */
const signed = (change = {}) =>
  jwt(
    {
      iss: 'bank', aud: issuer, iat: now(), nbf: now(), exp: now() + 60, jti: crypto.randomUUID(),
      scope: 'openid profile', login_hint: person.name, binding_message: '1234', ...change,
    },
    ...es256,
  );

/** Asks the person by it. */
const ask = async (assertion, id = 'bank', request = undefined) =>
  post('/bc-authorize', { client_id: id, request: request ?? (await signed()), ...assertion });

/** The person says yes to the question with this message, on the start page. */
async function allow(message) {
  const browser = new Browser();
  let page = await browser.get(`${issuer}/`);
  if (page.url.pathname === '/login') page = await browser.submit(page, '/login', { username: person.name, password: person.password });
  for (const [, href] of page.html.matchAll(/href="(\/asked\?[^"]*)"/g)) {
    const question = await browser.get(`${issuer}${href}`);
    if (!question.html.includes(message)) continue;
    const done = await browser.submit(question, '/asked/answer', { decision: 'allow' });
    assert.equal(done.status, 200, done.html);
    return;
  }
  assert.fail(`no question says ${message}: ${page.html}`);
}

// A person is asked three times in ten minutes: one question is enough for all that asks for its answer.
const question = await ask(await proof('bank'));
const fetched = async (assertion, more) =>
  post('/token', { client_id: 'bank', grant_type: 'urn:openid:params:grant-type:ciba', auth_req_id: question.auth_req_id, ...assertion }, more);

test('the question of all modules is asked', () => {
  assert.equal(question.status, 200, JSON.stringify(question));
});

test('fapi_ciba_id1_discovery_end_point_verification', async () => {
  const metadata = await (await fetch(`${issuer}/.well-known/openid-configuration`)).json();
  assert.equal(metadata.backchannel_authentication_endpoint, `${issuer}/bc-authorize`);
  assert.deepEqual(metadata.backchannel_token_delivery_modes_supported, ['poll']);
  assert.ok(metadata.grant_types_supported.includes('urn:openid:params:grant-type:ciba'));
  assert.ok(metadata.token_endpoint_auth_methods_supported.includes('private_key_jwt'));
  const signing = metadata.backchannel_authentication_request_signing_alg_values_supported;
  assert.ok(signing.includes('PS256') && signing.includes('ES256'), `${signing}`);
  assert.ok(!signing.includes('RS256') && !signing.includes('none'), `${signing}`);
});

test('fapi_ciba_id1_ensure_wrong_client_id_in_backchannel_authorization_request', async () => {
  const given = await ask(await proof('bank'), 'other');
  assert.equal(given.auth_req_id, undefined);
  assert.ok(['invalid_client', 'invalid_request'].includes(given.error), JSON.stringify(given));
});

test('fapi_ciba_id1_ensure_without_client_assertion_in_backchannel_authorization_request', async () => {
  assert.equal((await ask({})).error, 'invalid_client');
});

test('fapi_ciba_id1_ensure_without_client_assertion_in_token_endpoint_request', async () => {
  assert.equal((await fetched({})).error, 'invalid_client');
});

test('fapi_ciba_id1_ensure_client_assertion_signature_algorithm_in_backchannel_authorization_request_is_RS256_fails', async () => {
  assert.equal((await ask(await proof('bank', rs256))).error, 'invalid_client');
});

test('fapi_ciba_id1_ensure_client_assertion_signature_algorithm_in_token_endpoint_request_is_RS256_fails', async () => {
  assert.equal((await fetched(await proof('bank', rs256))).error, 'invalid_client');
});

test('fapi_ciba_id1_ensure_client_assertion_with_iss_aud_to_token_endpoint_succeeds', async () => {
  const given = await fetched(await proof('bank', es256, { aud: issuer }));
  assert.ok(['authorization_pending', 'slow_down'].includes(given.error), JSON.stringify(given));
});

test('fapi_ciba_id1_ensure_mtls_holder_of_key_required: with DPoP', async () => {
  assert.equal((await fetched(await proof('bank'), { unbound: true })).error, 'invalid_dpop_proof');
});

const request = await signed({ scope: 'openid profile offline_access', binding_message: 'Transfer 77' });
let tokens;

test('fapi_ciba_id1', async () => {
  const asked = await ask(await proof('bank'), 'bank', request);
  assert.equal(asked.status, 200, JSON.stringify(asked));
  await allow('Transfer 77');
  tokens = await post('/token', {
    client_id: 'bank', grant_type: 'urn:openid:params:grant-type:ciba', auth_req_id: asked.auth_req_id, ...(await proof('bank')),
  });
  assert.equal(tokens.token_type, 'DPoP', JSON.stringify(tokens));
  const ath = Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(tokens.access_token))).toString('base64url');
  const userinfo = async (scheme, dpop) =>
    fetch(`${issuer}/userinfo`, { headers: { authorization: `${scheme} ${tokens.access_token}`, ...(dpop ? { dpop } : {}) } });
  const given = await userinfo('DPoP', await possession('/userinfo', { htm: 'GET', ath }));
  assert.equal((await given.json()).preferred_username, person.name);
  assert.equal((await userinfo('Bearer')).status, 401);
});

test('a signed request asks once', async () => {
  const again = await ask(await proof('bank'), 'bank', request);
  assert.equal(again.error, 'invalid_request', JSON.stringify(again));
});

test('fapi_ciba_id1_refresh_token', async () => {
  const refresh = async (more) =>
    post('/token', { client_id: 'bank', grant_type: 'refresh_token', refresh_token: tokens.refresh_token, ...(await proof('bank')) }, more);
  assert.equal((await refresh({ unbound: true })).error, 'invalid_dpop_proof');
  assert.equal((await refresh()).token_type, 'DPoP');
});

test('an ID token of the person names them as well as their name', async () => {
  const by = await signed({ login_hint: undefined, id_token_hint: tokens.id_token, binding_message: 'Once more' });
  const asked = await ask(await proof('bank'), 'bank', by);
  assert.equal(asked.status, 200, JSON.stringify(asked));
  await allow('Once more');
});
