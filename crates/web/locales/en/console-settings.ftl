# The console: settings that are seldom changed
console-more = All other settings
console-more-title = Settings of { $name }
console-more-lead = What the preset decided. Leave alone what the application does not ask for.
console-more-upstream-lead = What the preset decided. What is changed is tried at the provider before it is saved.
console-more-proof = How it proves itself
console-more-jwks = Its public keys
console-more-jwks-rule = A JWK set in JSON, for private_key_jwt.
console-more-pkce-rule = weaken-if-sent also accepts a login without PKCE.
console-more-issuer-rule = The issuer that its tokens name: the server's, or one of its own.
console-more-cors-rule = Origins whose scripts may call, with spaces between: https://spa.example.com.
console-more-tokens = Tokens
console-more-access-token-alg = Access token signed with
console-more-userinfo-alg = Userinfo signed with
console-more-userinfo-plain = not signed: plain JSON
console-more-audience-client-id = Its client id is an audience
console-more-code = Seconds that a code lives
console-more-id-token = Seconds that an ID token lives
console-more-access-token = Seconds that an access token lives
console-more-refresh-token = Seconds that a refresh token lives after its last use
console-more-lifetime-rule = The preset's when empty.
console-sender = What its tokens are bound to
console-sender-dpop = DPoP
console-sender-dpop-rule = A token that is bound to a key is worth nothing to whoever steals it. optional binds when the application sends a proof.
console-sender-certificate-bound = Bound to its certificate
console-sender-certificate-name = The name in its certificate
console-sender-certificate-name-rule = For tls_client_auth: subject_dn=CN=client,O=Example, or san_dns=, san_uri=, san_ip=, san_email=.
console-more-contents = What it gets
console-more-scopes-rule = Those it asks for, with spaces between.
console-more-usernames-rule = short is anna, full is anna@id.example.com.
console-more-claims-rule = One a line: roles=groups:netbox-*, dept=attribute:department, tenant=constant:acme, or a rule as JSON.
console-more-client-credentials-rule = It may log in as itself, without a person.
console-more-expects-refresh = A refresh token without asking for offline_access
console-more-expects-userinfo = It calls userinfo after each login
console-more-protocol = The protocol
console-more-tenants = Tenants that are let in
console-more-tenants-rule = For an issuer that stands for many, with spaces between.
console-more-algorithms-rule = RS256, ES256 and others; all that it offers when empty.
console-more-parameters = Further parameters
console-more-parameters-rule = Sent with each login, one a line: hd=example.com.
console-more-response-mode = The answer comes as
console-more-no-probe = Save without asking it first
console-more-no-probe-rule = Only when it cannot be reached now.
console-more-network = The way there
console-more-timeout = Seconds to wait for one answer
console-more-timeout-rule = 1 to 60.
console-more-leeway = Seconds that clocks may differ
console-more-leeway-rule = 0 to 600.
console-more-allow-private = It may be in a private network
console-more-ca-rule = The certificate in PEM, when the provider has one of a private authority.
console-more-people = Who somebody is
console-more-rules = Rules
console-more-rules-rule = Who may come in with which claims, and what they do here, in JSON. docs/claims.md has the language.
console-more-userinfo = Its userinfo endpoint is asked
console-more-lookup = Where else something is asked
console-more-lookup-url = Address of Microsoft Graph
console-more-lookup-failure = When that fails
console-more-trusted-email = An address that it calls verified is one
console-more-trusted-amr = Its word on how somebody logged in goes into tokens
console-more-groups = Groups here that always log in there
console-more-session-bound = Sessions end with its token

console-own-profile = What people change of themselves
console-attributes = Attributes
console-attributes-rule = One a line: department=Sales. Applications get them as claims; a line that is gone is taken away.
console-link-mail = Mail it to them, too
console-link-show-only = Only show it here
console-link-mailed = Mailed to
