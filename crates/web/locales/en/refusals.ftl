# Titles for refusals, by code. The sentences themselves are defined beside the refusals, in English.
refused-of-client_unknown-title = This application is not known here
refused-of-redirect_uri_mismatch-title = The way back is not registered
refused-of-redirect_uri_missing-title = The way back is missing
refused-of-pkce_required-title = A safeguard is missing
refused-of-response_type_unsupported-title = The application asked for the wrong kind of answer
refused-of-response_type_missing-title = The application’s request is incomplete
refused-of-parameter_missing-title = The application’s request is incomplete
refused-of-parameter_repeated-title = The application’s request contradicts itself
refused-of-parameter_malformed-title = The application’s request cannot be read
refused-of-post_logout_redirect_uri_mismatch-title = You are logged out
refused-of-person_disabled-title = Your account is switched off
refused-of-user_disabled-title = Your account is switched off
refused-of-app_disabled-title = This application is switched off
refused-of-other_person-title = Somebody else is expected
refused-of-link_ended-title = This link no longer works
refused-of-login_throttled-title = Too many tries
refused-of-login_busy-title = Very busy right now
