// The modules of the OpenID conformance plan Dynamic OP that are about registering: each test has the name of its module. The
// others are in conformance_basic.mjs and keys.mjs. The suite itself was not run.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as oidc from 'openid-client';
import { apps, insecure, issuer, parameters, person, redirectUri, refused } from './application.mjs';
import { Browser } from './browser.mjs';

const metadata = { client_name: 'A tool', redirect_uris: [redirectUri], grant_types: ['authorization_code'] };
const register = (more = {}) =>
  oidc.dynamicClientRegistration(new URL(issuer), { ...metadata, ...more }, undefined, { ...insecure, initialAccessToken: apps.initialAccessToken });

/** The consent page of an application that registered itself. */
async function consent(config, browser) {
  const { sent } = await parameters({ scope: 'openid profile' });
  const first = await browser.get(oidc.buildAuthorizationUrl(config, sent));
  const page = first.url.pathname === '/login' ? await browser.submit(first, '/login', { username: person.name, password: person.password }) : first;
  assert.ok(page.html.includes('registered itself'), page.html);
  return page;
}

/** What is kept and told, and shown on no page. */
async function toldAlone(name) {
  const address = `https://tool.example.com/${name}`;
  const config = await register({ [name]: address });
  assert.equal(config.clientMetadata()[name], address);
  const page = await consent(config, new Browser(redirectUri));
  assert.ok(!page.html.includes('tool.example.com'), page.html);
}

test('oidcc_registration_policy_uri', () => toldAlone('policy_uri'));

test('oidcc_registration_tos_uri', () => toldAlone('tos_uri'));

const notFetched = (more) => assert.rejects(register(more), refused('invalid_client_metadata'));

test('oidcc_registration_jwks_uri', () =>
  notFetched({ token_endpoint_auth_method: 'private_key_jwt', jwks_uri: 'https://tool.example.com/keys' }));

test('oidcc_registration_sector_uri', () =>
  notFetched({ subject_type: 'pairwise', sector_identifier_uri: 'https://tool.example.com/sector' }));

test('oidcc_registration_sector_bad', () =>
  notFetched({ sector_identifier_uri: 'https://elsewhere.example.com/sector' }));
