// The modules of the OpenID conformance plans FAPI 2.0 Security Profile and FAPI 2.0 Message Signing: each test has the name
// of its module, in the variant private_key_jwt with DPoP. The suite itself was not run. More about proofs: bound_tokens.mjs.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as oidc from 'openid-client';
import { answer, apps, issuer, key, parameters, payload, person, redirectUri, strangers } from './application.mjs';
import { Browser } from './browser.mjs';

const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
const now = () => Math.floor(Date.now() / 1000);
const seconds = (count) => new Promise((done) => setTimeout(done, count * 1000));
const rsa = await crypto.subtle.importKey('jwk', apps.keys.rsa, { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }, false, ['sign']);

/** A token with these claims, signed as said. */
async function jwt(claims, { by = key.key, alg = 'ES256', kid = 'e2e', typ } = {}) {
  const signed = `${encode({ alg, kid, typ })}.${encode(claims)}`;
  if (alg === 'none') return `${signed}.`;
  const how = alg === 'ES256' ? { name: 'ECDSA', hash: 'SHA-256' } : 'RSASSA-PKCS1-v1_5';
  return `${signed}.${Buffer.from(await crypto.subtle.sign(how, by, Buffer.from(signed))).toString('base64url')}`;
}

/** What proves an application; `change` alters the claims. */
async function proof(id, change = {}, how) {
  const claims = { iss: id, sub: id, aud: issuer, jti: crypto.randomUUID(), iat: now(), exp: now() + 60, ...change };
  for (const [name, value] of Object.entries(claims)) if (value === undefined) delete claims[name];
  return {
    client_id: id,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: await jwt(claims, how),
  };
}

const bound = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign']);
const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', bound.publicKey);

const another = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign']);
const thumbprint = async (jwk) => Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(JSON.stringify(jwk)))).toString('base64url');

/** What proves the key that tokens are bound to (RFC 9449 §4.2). */
async function possession(method, path, token) {
  const ath = token && Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(token))).toString('base64url');
  const signed = `${encode({ typ: 'dpop+jwt', alg: 'ES256', jwk: { kty, crv, x, y } })}.${encode({ jti: crypto.randomUUID(), iat: now(), htm: method, htu: `${issuer}${path}`, ath })}`;
  const signature = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, bound.privateKey, Buffer.from(signed));
  return `${signed}.${Buffer.from(signature).toString('base64url')}`;
}

async function post(path, form, { unbound = false, proved = false } = {}) {
  const sent = Object.entries(form).filter(([, value]) => value !== undefined);
  const headers = proved || (path === '/token' && !unbound) ? { dpop: await possession('POST', path) } : {};
  const response = await fetch(`${issuer}${path}`, { method: 'POST', headers, body: new URLSearchParams(sent) });
  return { status: response.status, ...(await response.json()) };
}

async function userinfo(token) {
  const headers = { authorization: `DPoP ${token}`, dpop: await possession('GET', '/userinfo', token) };
  return fetch(`${issuer}/userinfo`, { headers });
}

const fapi = (more) => parameters({ response_type: 'code', ...more });

/** Pushes, and says what came back. */
async function push(id, sent, assertion) {
  return post('/par', { ...sent, ...(assertion ?? (await proof(id))) });
}

/** The request object of an application; `change` alters the claims. */
async function object(id, sent, change = {}, how) {
  const claims = { iss: id, client_id: id, aud: issuer, iat: now(), nbf: now(), exp: now() + 60, response_mode: 'jwt', ...sent, ...change };
  for (const [name, value] of Object.entries(claims)) if (value === undefined) delete claims[name];
  return jwt(claims, { typ: 'oauth-authz-req+jwt', ...how });
}

const at = (id, request_uri, more = {}) => new URL(`${issuer}/authorize?${new URLSearchParams({ client_id: id, request_uri, ...more })}`);

/** The browser goes to a pushed request and through the login. */
async function walk(id, request_uri, { browser = new Browser(redirectUri), more } = {}) {
  const page = await browser.logIn(at(id, request_uri, more), person);
  const { parameters: got } = await answer(browser, page);
  const response = got.get('response');
  return { page, browser, got: response ? new Map(Object.entries(payload(response))) : got };
}

const redeem = async (id, got, kept, change = {}, assertion) =>
  post('/token', {
    grant_type: 'authorization_code',
    code: got.get('code'),
    redirect_uri: redirectUri,
    code_verifier: kept.verifier,
    ...(assertion ?? (await proof(id))),
    ...change,
  });

/** A whole login; what the token endpoint answered. */
async function logIn(id = 'fapi', more = {}) {
  const { sent, kept } = await fapi(more);
  const pushed = await push(id, id === 'fapi' ? sent : { request: await object(id, sent) });
  assert.equal(pushed.status, 201, JSON.stringify(pushed));
  assert.ok(pushed.expires_in >= 5 && pushed.expires_in < 600);
  const { got, browser, page } = await walk(id, pushed.request_uri);
  assert.ok(got.get('code'), `${page.url}: ${page.html}`);
  assert.equal(got.get('iss'), issuer);
  const tokens = await redeem(id, got, kept);
  assert.equal(tokens.status, 200, JSON.stringify(tokens));
  return { tokens, claims: payload(tokens.id_token), got, kept, sent, browser, pushed };
}

/** One module of the profile, for plain requests and, under its own name too, where requests are signed. */
function both(name, body) {
  test(name, () => body('fapi'));
  test(`${name} (message signing)`, () => body('strict'));
}

/** Pushes with these changes, in the form or in the request object. */
async function pushes(id, more, change) {
  const { sent, kept } = await fapi(more);
  const all = { ...sent, ...change };
  return { kept, sent, ...(await push(id, id === 'fapi' ? all : { request: await object(id, all) })) };
}

test('fapi2_security_profile_final_discovery_end_point_verification', async () => {
  const metadata = await (await fetch(`${issuer}/.well-known/openid-configuration`)).json();
  assert.equal(metadata.issuer, issuer);
  assert.ok(metadata.pushed_authorization_request_endpoint);
  assert.ok(metadata.authorization_response_iss_parameter_supported);
  assert.ok(metadata.token_endpoint_auth_methods_supported.includes('private_key_jwt'));
  assert.ok(metadata.code_challenge_methods_supported.includes('S256'));
  for (const list of ['token_endpoint_auth_signing_alg_values_supported', 'request_object_signing_alg_values_supported', 'authorization_signing_alg_values_supported']) {
    for (const alg of ['PS256', 'ES256', 'EdDSA']) assert.ok(metadata[list].includes(alg), `${list} ${alg}`);
  }
});

test('fapi2_security_profile_final_user_rejects_authentication', async () => {
  const { sent } = await fapi({ prompt: 'consent' });
  const { request_uri } = await push('asks', sent);
  const browser = new Browser(redirectUri);
  const login = await browser.get(at('asks', request_uri));
  const question = await browser.submit(login, '/login', { username: person.name, password: person.password });
  const denied = await browser.submit(question, '/consent', { decision: 'deny' });
  assert.equal(denied.url.searchParams.get('error'), 'access_denied');
  assert.equal(denied.url.searchParams.get('state'), sent.state);
});

both('fapi2_security_profile_final_ensure_authorization_request_without_state_success', async (id) => {
  const { got } = await logIn(id, { state: undefined });
  assert.ok(!got.get('state'));
});

both('fapi2_security_profile_final_ensure_authorization_request_without_nonce_success', async (id) => {
  assert.equal((await logIn(id, { nonce: undefined })).claims.nonce, undefined);
});

for (const [name, length] of [
  ['fapi2_security_profile_final_ensure_authorization_request_with_64_char_nonce_success', 64],
  ['fapi2_security_profile_final_ensure_authorization_request_with_long_nonce', 384],
]) {
  both(name, async (id) => {
    const nonce = 'n'.repeat(length);
    assert.equal((await logIn(id, { nonce })).claims.nonce, nonce);
  });
}

both('fapi2_security_profile_final_ensure_authorization_request_with_long_state', async (id) => {
  const state = 's'.repeat(1000);
  assert.equal((await logIn(id, { state })).got.get('state'), state);
});

both('fapi2_security_profile_final_ensure_other_scope_order_succeeds', async (id) => {
  const { tokens } = await logIn(id, { scope: 'email profile openid' });
  assert.deepEqual(new Set(tokens.scope.split(' ')), new Set(['email', 'profile', 'openid']));
});

both('fapi2_security_profile_final_test_claims_parameter_identity_claims', async (id) => {
  const claims = JSON.stringify({ id_token: { email: { essential: true } }, userinfo: { name: null } });
  const { claims: told, tokens } = await logIn(id, { scope: 'openid', claims });
  assert.equal(told.email, 'alice@example.com');
  const response = await userinfo(tokens.access_token);
  assert.equal((await response.json()).name, 'Alice Archer');
});

for (const [module, name] of [
  ['fapi2_security_profile_final_ensure_different_nonce_inside_and_outside_request_object', 'nonce'],
  ['fapi2_security_profile_final_ensure_different_state_inside_and_outside_request_object', 'state'],
]) {
  test(module, async () => {
    const { sent, kept } = await fapi();
    const pushed = await push('strict', { request: await object('strict', sent) });
    const { got } = await walk('strict', pushed.request_uri, { more: { [name]: 'outside' } });
    const tokens = await redeem('strict', got, kept);
    assert.equal(name === 'nonce' ? payload(tokens.id_token).nonce : got.get('state'), kept[name]);
  });
}

test('fapi2_security_profile_final_state_only_outside_request_object_not_used', async () => {
  const { sent } = await fapi({ state: undefined });
  const pushed = await push('strict', { request: await object('strict', sent) });
  const { got } = await walk('strict', pushed.request_uri, { more: { state: 'outside' } });
  assert.ok(got.get('code') && !got.get('state'));
});

test('fapi2_security_profile_final_ensure_request_object_without_redirect_uri_fails', async () => {
  assert.equal((await pushes('strict', {}, { redirect_uri: undefined })).error, 'invalid_request');
});

both('fapi2_security_profile_final_ensure_registered_redirect_uri', async (id) => {
  const refused = await pushes(id, { redirect_uri: 'https://elsewhere.example/callback' });
  assert.equal(refused.status, 400);
  assert.equal(refused.error, 'invalid_request');
});

// The module lets a server take it or leave it; here it is refused at once.
both('fapi2_security_profile_final_plain_fapi_tolerate_unregistered_redirect_uri', async (id) => {
  assert.equal((await pushes(id, { redirect_uri: `${redirectUri}/another` })).status, 400);
});

both('fapi2_security_profile_final_ensure_unsigned_authorization_request_without_using_par_fails', async (id) => {
  const { sent } = await fapi();
  const page = await new Browser(redirectUri).get(new URL(`${issuer}/authorize?${new URLSearchParams({ client_id: id, ...sent })}`));
  assert.equal(page.url.searchParams.get('error'), 'invalid_request');
});

both('fapi2_security_profile_final_ensure_redirect_uri_in_authorization_request', async (id) => {
  assert.equal((await pushes(id, { redirect_uri: undefined })).error, 'invalid_request');
});

for (const [name, response_type] of [
  ['fapi2_security_profile_final_ensure_response_type_code_idtoken_fails', 'code id_token'],
  ['fapi2_security_profile_final_ensure_response_type_token_fails', 'token'],
]) {
  both(name, async (id) => {
    assert.equal((await pushes(id, { response_type })).error, 'unsupported_response_type');
  });
}

both('fapi2_security_profile_final_ensure_client_id_in_token_endpoint', async (id) => {
  const { sent, kept } = await fapi();
  const pushed = await push(id, id === 'fapi' ? sent : { request: await object(id, sent) });
  const { got } = await walk(id, pushed.request_uri);
  const refused = await redeem(id, got, kept, { client_id: 'asks' });
  assert.equal(refused.error, 'invalid_client');
});

both('fapi2_security_profile_final_ensure_holder_of_key_required', async (id) => {
  const { sent, kept } = await fapi();
  const pushed = await push(id, id === 'fapi' ? sent : { request: await object(id, sent) });
  const { got } = await walk(id, pushed.request_uri);
  const form = { grant_type: 'authorization_code', code: got.get('code'), redirect_uri: redirectUri, code_verifier: kept.verifier, ...(await proof(id)) };
  assert.equal((await post('/token', form, { unbound: true })).error, 'invalid_dpop_proof');
  const { tokens } = await logIn(id);
  assert.equal(tokens.token_type, 'DPoP');
  const stolen = await fetch(`${issuer}/userinfo`, { headers: { authorization: `Bearer ${tokens.access_token}` } });
  assert.equal(stolen.status, 401, 'without the key it is worth nothing');
  assert.equal((await userinfo(tokens.access_token)).status, 200);
});

both('fapi2_security_profile_final_ensure_mismatched_dpop_jkt_fails', async (id) => {
  const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', another.publicKey);
  const { sent } = await fapi({ dpop_jkt: await thumbprint({ crv, kty, x, y }) });
  const form = id === 'fapi' ? sent : { request: await object(id, sent) };
  const refused = await post('/par', { ...form, ...(await proof(id)) }, { proved: true });
  assert.ok(['invalid_dpop_proof', 'invalid_request'].includes(refused.error), JSON.stringify(refused));
});

both('fapi2_security_profile_final_ensure_token_endpoint_fails_with_mismatched_dpop_proof_jkt', async (id) => {
  const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', another.publicKey);
  const { request_uri, kept } = await pushes(id, { dpop_jkt: await thumbprint({ crv, kty, x, y }) });
  const { got } = await walk(id, request_uri);
  const refused = await redeem(id, got, kept);
  assert.ok(['invalid_dpop_proof', 'invalid_grant'].includes(refused.error), JSON.stringify(refused));
});

both('fapi2_security_profile_final_ensure_authorization_code_is_bound_to_client', async (id) => {
  const { sent, kept } = await fapi();
  const pushed = await push(id, id === 'fapi' ? sent : { request: await object(id, sent) });
  const { got } = await walk(id, pushed.request_uri);
  assert.equal((await redeem('asks', got, kept)).error, 'invalid_grant');
});

both('fapi2_security_profile_final_attempt_reuse_authorization_code_after_one_second', async (id) => {
  const { got, kept, tokens } = await logIn(id);
  await seconds(1);
  assert.equal((await redeem(id, got, kept)).error, 'invalid_grant');
  const response = await userinfo(tokens.access_token);
  assert.equal(response.status, 401, 'what came of the first use has ended');
});

test('fapi2_security_profile_final_ensure_token_endpoint_fails_with_expired_auth_code', async () => {
  const { sent, kept } = await fapi();
  const { got } = await walk('late', (await push('late', sent)).request_uri);
  await seconds(11);
  assert.equal((await redeem('late', got, kept)).error, 'invalid_grant');
});

/** What an assertion that is changed so comes to, at both endpoints. */
async function assertion(id, change, how) {
  const { sent, kept } = await fapi();
  const form = id === 'fapi' ? sent : { request: await object(id, sent) };
  const pushed = await push(id, form, await proof(id, change, how));
  const good = await push(id, form);
  const { got } = await walk(id, good.request_uri);
  const tokens = await redeem(id, got, kept, {}, await proof(id, change, how));
  return [pushed, tokens];
}

const rejects = async (...given) => {
  for (const found of await assertion(...given)) assert.equal(found.error, 'invalid_client', JSON.stringify(found));
};

both('fapi2_security_profile_final_ensure_signed_client_assertion_with_RS256_fails', (id) => rejects(id, {}, { by: rsa, alg: 'RS256', kid: 'rsa' }));

both('fapi2_security_profile_final_ensure_client_assertion_in_token_endpoint', async (id) => {
  const { sent, kept } = await fapi();
  const pushed = await push(id, id === 'fapi' ? sent : { request: await object(id, sent) });
  const { got } = await walk(id, pushed.request_uri);
  assert.equal((await redeem(id, got, kept, {}, { client_id: id })).error, 'invalid_client');
});

both('fapi2_security_profile_final_ensure_client_assertion_with_exp_is_5_minutes_in_past_fails', (id) => rejects(id, { exp: now() - 300 }));
both('fapi2_security_profile_final_ensure_client_assertion_with_wrong_aud_fails', (id) => rejects(id, { aud: 'https://elsewhere.example' }));
both('fapi2_security_profile_final_ensure_client_assertion_with_no_sub_fails', (id) => rejects(id, { sub: undefined }));
both('fapi2_security_profile_final_par_test_array_as_audience_fails', (id) => rejects(id, { aud: [issuer] }));
both('fapi2_security_profile_final_par_test_par_endpoint_url_as_audience_fails', (id) => rejects(id, { aud: `${issuer}/par` }));
both('fapi2_security_profile_final_par_test_token_endpoint_url_as_audience_fails', (id) => rejects(id, { aud: `${issuer}/token` }));
both('fapi2_security_profile_final_par_ensure_jwt_client_assertions_nbf_over_60_seconds_in_the_future_fails', (id) => rejects(id, { nbf: now() + 90, exp: now() + 180 }));

both('fapi2_security_profile_final_par_ensure_jwt_client_assertions_nbf_8_seconds_in_the_future_is_accepted', async (id) => {
  for (const found of await assertion(id, { nbf: now() + 8, iat: now() + 8 })) assert.ok([200, 201].includes(found.status), JSON.stringify(found));
});

both('fapi2_security_profile_final_refresh_token', async (id) => {
  const { tokens, claims } = await logIn(id, { scope: 'openid offline_access', prompt: 'consent' });
  const refreshed = await post('/token', { grant_type: 'refresh_token', refresh_token: tokens.refresh_token, ...(await proof(id)) });
  assert.equal(refreshed.status, 200, JSON.stringify(refreshed));
  assert.equal(payload(refreshed.id_token).sub, claims.sub);
  const stolen = refreshed.refresh_token ?? tokens.refresh_token;
  assert.equal(stolen, tokens.refresh_token, 'it is not rotated (§5.3.2.1)');
  const again = await Promise.all([1, 2].map(async () => post('/token', { grant_type: 'refresh_token', refresh_token: stolen, ...(await proof(id)) })));
  assert.deepEqual(again.map(({ status }) => status), [200, 200], 'also twice at once');
  const other = await post('/token', { grant_type: 'refresh_token', refresh_token: stolen, ...(await proof('asks')) });
  assert.equal(other.error, 'invalid_grant');
});

both('fapi2_security_profile_final_test_essential_acr_sca_claim', async (id) => {
  const claims = (values) => JSON.stringify({ id_token: { acr: { essential: true, values } } });
  const { claims: told } = await logIn(id, { claims: claims(['https://refeds.org/profile/sfa']) });
  assert.equal(told.acr, 'https://refeds.org/profile/sfa');
  const pushed = await pushes(id, { claims: claims(['urn:openbanking:psd2:sca']) });
  const { got } = await walk(id, pushed.request_uri);
  assert.equal(got.get('error'), 'unmet_authentication_requirements');
});

both('fapi2_security_profile_final_par_ensure_reused_request_uri_prior_to_auth_completion_succeeds', async (id) => {
  const { request_uri, kept } = await pushes(id, {});
  const browser = new Browser(redirectUri);
  assert.equal((await browser.get(at(id, request_uri))).url.pathname, '/login');
  const { got } = await walk(id, request_uri, { browser });
  assert.equal((await redeem(id, got, kept)).status, 200);
});

both('fapi2_security_profile_final_par_attempt_reuse_request_uri', async (id) => {
  const { pushed, browser } = await logIn(id);
  const page = await browser.get(at(id, pushed.request_uri));
  assert.equal(page.url.origin, new URL(issuer).origin);
  assert.match(page.html, /expired or was used/);
});

both('fapi2_security_profile_final_par_attempt_to_use_request_uri_for_different_client', async (id) => {
  const { request_uri } = await pushes(id, {});
  const page = await new Browser(redirectUri).get(at('asks', request_uri));
  assert.match(page.html, /expired or was used/);
});

both('fapi2_security_profile_final_par_authorization_request_containing_request_uri_form_param', async (id) => {
  const { request_uri, sent } = await pushes(id, {});
  assert.equal((await push(id, { ...sent, request_uri })).error, 'invalid_request');
});

test('fapi2_security_profile_final_par_authorization_request_containing_request_uri', async () => {
  const { request_uri } = await pushes('strict', {});
  assert.equal((await pushes('strict', {}, { request_uri })).error, 'invalid_request_object');
});

both('fapi2_security_profile_final_par_attempt_invalid_http_method', async (id) => {
  for (const method of ['GET', 'PUT']) {
    const url = new URL(`${issuer}/par?${new URLSearchParams(await proof(id))}`);
    assert.equal((await fetch(url, { method })).status, 405, method);
  }
});

both('fapi2_security_profile_final_par_ensure_pkce_required', async (id) => {
  const refused = await pushes(id, { code_challenge: undefined, code_challenge_method: undefined });
  assert.equal(refused.error, 'invalid_request');
});

both('fapi2_security_profile_final_par_plain_pkce_rejected', async (id) => {
  const refused = await pushes(id, { code_challenge_method: 'plain' });
  assert.equal(refused.error, 'invalid_request');
});

for (const [name, code_verifier] of [
  ['fapi2_security_profile_final_ensure_pkce_code_verifier_required', undefined],
  ['fapi2_security_profile_final_incorrect_pkce_code_verifier_rejected', oidc.randomPKCECodeVerifier()],
]) {
  both(name, async (id) => {
    const { request_uri, kept } = await pushes(id, {});
    const { got } = await walk(id, request_uri);
    const refused = await redeem(id, got, kept, { code_verifier });
    assert.ok(['invalid_grant', 'invalid_request'].includes(refused.error), JSON.stringify(refused));
  });
}

both('fapi2_security_profile_final_par_without_duplicate_parameters', async (id) => {
  const { request_uri, kept } = await pushes(id, {});
  assert.deepEqual([...at(id, request_uri).searchParams.keys()], ['client_id', 'request_uri']);
  const { got } = await walk(id, request_uri);
  assert.equal((await redeem(id, got, kept)).status, 200);
});

// Message signing.

/** What pushing a request object that is changed so comes to. */
async function signed(change, how) {
  const { sent } = await fapi();
  return push('strict', { request: await object('strict', sent, change, how) });
}

const accepted = async (change) => {
  const found = await signed(change);
  assert.equal(found.status, 201, JSON.stringify(found));
};
const invalid = async (change, how) => assert.equal((await signed(change, how)).error, 'invalid_request_object');

test('fapi2_security_profile_final_ensure_request_object_with_multiple_aud_succeeds', () => accepted({ aud: ['https://elsewhere.example', issuer] }));
test('fapi2_security_profile_final_ensure_request_object_with_nbf_8_seconds_in_the_future_is_accepted', () => accepted({ nbf: now() + 8 }));
test('fapi2_security_profile_final_ensure_request_object_without_exp_fails', () => invalid({ exp: undefined }));
test('fapi2_security_profile_final_ensure_request_object_without_nbf_fails', () => invalid({ nbf: undefined }));
test('fapi2_security_profile_final_ensure_expired_request_object_fails', () => invalid({ exp: now() - 300, nbf: now() - 360 }));
test('fapi2_security_profile_final_ensure_request_object_with_bad_aud_fails', () => invalid({ aud: 'https://elsewhere.example' }));
test('fapi2_security_profile_final_ensure_request_object_with_exp_over_60_fails', () => invalid({ exp: now() + 70 * 60 }));
test('fapi2_security_profile_final_ensure_request_object_with_nbf_over_60_fails', () => invalid({ nbf: now() - 70 * 60 }));
test('fapi2_security_profile_final_ensure_signed_request_object_with_RS256_fails', () => invalid({}, { by: rsa, alg: 'RS256', kid: 'rsa' }));
test('fapi2_security_profile_final_ensure_request_object_signature_algorithm_is_not_none', () => invalid({}, { alg: 'none' }));
test('fapi2_security_profile_final_ensure_request_object_with_invalid_signature_fails', () => invalid({}, { by: strangers.key }));

test('fapi2_security_profile_final_ensure_matching_key_in_authorization_request', async () => {
  const { sent } = await fapi();
  const others = await object('asks', sent);
  assert.equal((await push('strict', { request: others })).error, 'invalid_request_object');
});

test('fapi2_security_profile_final_ensure_unsigned_request_at_par_endpoint_fails', async () => {
  const { sent } = await fapi({ response_mode: 'jwt' });
  assert.equal((await push('strict', sent)).error, 'invalid_request');
});
