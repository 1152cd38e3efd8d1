# What the authorization requests of an application may look like.
console-requests = Authorization requests
console-profile = Profile
console-profile-none = None
console-profile-rule = Switches on all that the profile requires, and keeps it on.
console-profile-requires = The profile requires:
console-profile-missing = Missing: { $what }. { $remedy }
console-require-pushed = Requests have to be pushed (PAR)
console-require-signed = Requests have to be signed (JAR)
console-require-signed-response = A signed answer has to be asked for (JARM)
console-request-uris = Addresses of request objects
console-request-uris-rule = Only these are fetched, compared byte by byte.
console-resources = Resource servers
console-resources-rule = What the application may ask for tokens for, beside its audiences (RFC 8707).
console-detail-types = Types of authorization details
console-detail-types-rule = People approve such details each time (RFC 9396).
console-initiate-login = Where a login begins
console-initiate-login-rule = The tile on the start page leads there and names this server (OpenID Connect Core §4).
