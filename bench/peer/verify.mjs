// npm jose and openid-client on the tokens of one case (see bench/src/verify.rs), without a network.
import { readFileSync } from 'node:fs';

import * as jose from 'jose';
import * as client from 'openid-client';

const one = JSON.parse(readFileSync(process.argv[2]));

async function rate(work) {
  for (let warm = 0; warm < 200; warm += 1) await work();
  const begun = performance.now();
  const before = process.cpuUsage();
  let count = 0;
  while (performance.now() - begun < one.seconds * 1000) {
    await work();
    count += 1;
  }
  const used = process.cpuUsage(before);
  return count / ((used.user + used.system) / 1e6);
}

const algorithm = one.algorithm;
const keys = jose.createLocalJWKSet(one.keys);
const rules = { issuer: one.issuer, audience: one.client, algorithms: [algorithm], clockTolerance: 30 };
const verify = await rate(() => jose.jwtVerify(one.token, keys, rules));

const config = new client.Configuration(
  {
    issuer: one.issuer,
    authorization_endpoint: `${one.issuer}/authorize`,
    token_endpoint: `${one.issuer}/token`,
    jwks_uri: `${one.issuer}/jwks`,
    id_token_signing_alg_values_supported: [algorithm],
  },
  one.client,
  { client_secret: 'secret', id_token_signed_response_alg: algorithm },
  client.ClientSecretBasic('secret'),
);
// In the code flow it takes the connection's word for the ID token unless it is told to verify the signature too.
client.enableNonRepudiationChecks(config);
const json = (value) =>
  new Response(JSON.stringify(value), { status: 200, headers: { 'content-type': 'application/json' } });
config[client.customFetch] = async (url) =>
  url.endsWith('/token')
    ? json({ access_token: 'a', token_type: 'Bearer', expires_in: 300, id_token: one.token })
    : json(one.keys);
const callback = new URL(`https://app.example/auth/callback?code=c&state=${one.state}`);
const verifier = client.randomPKCECodeVerifier();
const login = await rate(async () => {
  client.buildAuthorizationUrl(config, {
    redirect_uri: 'https://app.example/auth/callback',
    scope: 'openid profile email',
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state: one.state,
    nonce: one.nonce,
  });
  await client.authorizationCodeGrant(config, callback, {
    pkceCodeVerifier: verifier,
    expectedState: one.state,
    expectedNonce: one.nonce,
    idTokenExpected: true,
  });
});
process.stdout.write(JSON.stringify({ verify, login }));
