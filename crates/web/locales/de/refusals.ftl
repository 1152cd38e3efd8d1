# Überschriften und Sätze für Ablehnungen, nach ihrem Code. Die englischen Sätze stehen bei den Ablehnungen selbst.
refused-of-client_unknown-title = Diese Anwendung ist hier nicht bekannt
refused-of-redirect_uri_mismatch-title = Der Rückweg ist nicht eingetragen
refused-of-redirect_uri_missing-title = Der Rückweg fehlt
refused-of-pkce_required-title = Eine Absicherung fehlt
refused-of-response_type_unsupported-title = Die Anwendung verlangt die falsche Art von Antwort
refused-of-response_type_missing-title = Die Anfrage der Anwendung ist unvollständig
refused-of-parameter_missing-title = Die Anfrage der Anwendung ist unvollständig
refused-of-parameter_repeated-title = Die Anfrage der Anwendung widerspricht sich
refused-of-parameter_malformed-title = Die Anfrage der Anwendung ist nicht lesbar
refused-of-post_logout_redirect_uri_mismatch-title = Sie sind abgemeldet
refused-of-person_disabled-title = Ihr Konto ist abgeschaltet
refused-of-user_disabled-title = Ihr Konto ist abgeschaltet
refused-of-app_disabled-title = Diese Anwendung ist abgeschaltet
refused-of-other_person-title = Jemand anderes wird erwartet
refused-of-link_ended-title = Dieser Link gilt nicht mehr
refused-of-login_throttled-title = Zu viele Versuche
refused-of-login_busy-title = Gerade sehr beschäftigt

# Anfragen lesen
refused-of-parameter_repeated = Die Anfrage enthält eine Angabe mehrmals.
refused-of-parameter_missing = In der Anfrage fehlt eine vorgeschriebene Angabe.
refused-of-parameter_malformed = Die Anfrage enthält eine unverständliche Angabe.
refused-of-request_too_large = Die Anfrage ist zu groß.
refused-of-scope_malformed = Der verlangte Umfang (scope) ist unverständlich.
refused-of-claims_request_malformed = Die Anfrage nach einzelnen Angaben (claims) ist unverständlich.
refused-of-pkce_method_unsupported = Dieses Verfahren für die Code-Challenge wird nicht unterstützt; richtig ist S256.
refused-of-pkce_challenge_malformed = Die Code-Challenge ist unverständlich.
refused-of-pkce_verifier_malformed = Der Code-Verifier ist unverständlich.
refused-of-grant_type_unsupported = Dieser Grant-Typ wird nicht unterstützt.
refused-of-client_credentials_malformed = Die Anmeldung der Anwendung ist unverständlich.
refused-of-client_authentication_repeated = Die Anfrage meldet die Anwendung auf mehr als eine Art an.
refused-of-bearer_token_malformed = Das Zugriffstoken in der Anfrage ist nicht lesbar.
refused-of-redirect_uri_unsuitable = Diese Rücksprungadresse kann nicht eingetragen werden.

# Vor und während der Anmeldung
refused-of-client_unknown = Die Anwendung, die Sie hierher geschickt hat, ist diesem Server nicht bekannt.
refused-of-redirect_uri_mismatch = Die Anwendung wollte Sie an eine Adresse zurückschicken lassen, die für sie nicht eingetragen ist.
refused-of-redirect_uri_missing = Die Anwendung hat nicht gesagt, wohin es nach der Anmeldung gehen soll.
refused-of-request_not_supported = Die Anwendung hat ein Request-Objekt benutzt; das unterstützt dieser Server nicht.
refused-of-request_uri_not_supported = Die Anwendung hat eine Request-URI benutzt; das unterstützt dieser Server nicht.
refused-of-response_type_missing = Die Anwendung hat nicht gesagt, welche Art von Antwort sie möchte.
refused-of-response_type_unsupported = Die Anwendung verlangt eine Art von Antwort, die dieser Server nicht gibt; richtig ist der Code-Ablauf.
refused-of-pkce_required = Die Anwendung hat diese Anmeldung nicht mit PKCE abgesichert; dieser Server verlangt das von ihr.
refused-of-prompt_inconsistent = Die Anwendung verlangt zugleich, Ihnen eine Seite zu zeigen und keine zu zeigen.
refused-of-id_token_hint_invalid = Die Anwendung hat einen Hinweis auf Sie mitgeschickt, der nicht von diesem Server stammt.
refused-of-subject_contradictory = Die Anwendung erwartet zwei verschiedene Personen zugleich.
refused-of-login_required = Sie sind nicht angemeldet.
refused-of-other_person = Die Anwendung erwartet, dass jemand anderes angemeldet ist.
refused-of-authentication_context_not_reached = Diese Anwendung verlangt eine stärkere Anmeldung, als dieser Server Ihnen bietet.
refused-of-consent_required = Sie haben dieser Anwendung noch nicht erlaubt, Ihre Daten zu sehen.
refused-of-consent_denied = Sie haben der Anwendung nicht erlaubt, Ihre Daten zu sehen.
refused-of-person_disabled = Dieses Konto ist zurzeit abgeschaltet.
refused-of-no_scope_map = Sie dürfen diese Anwendung noch nicht benutzen.
refused-of-app_disabled = Diese Anwendung ist zurzeit abgeschaltet.
refused-of-post_logout_redirect_uri_mismatch = Sie sind abgemeldet. Die Anwendung wollte Sie an eine Adresse schicken, die für sie nicht eingetragen ist.

# Was sonst nur Anwendungen lesen
refused-of-client_authentication_missing = Die Anwendung konnte nicht erkannt werden.
refused-of-client_id_unknown = Die Anwendung konnte nicht erkannt werden.
refused-of-client_disabled = Die Anwendung konnte nicht erkannt werden.
refused-of-client_method_wrong = Die Anwendung konnte nicht erkannt werden.
refused-of-client_secret_wrong = Die Anwendung konnte nicht erkannt werden.
refused-of-client_assertion_invalid = Die Anwendung konnte nicht erkannt werden.
refused-of-client_assertion_replayed = Die Anwendung konnte nicht erkannt werden.
refused-of-code_unknown = Der Code ist ungültig.
refused-of-code_expired = Der Code ist abgelaufen.
refused-of-code_replayed = Der Code ist schon benutzt worden.
refused-of-code_of_another_client = Der Code gilt nicht für diese Anwendung.
refused-of-token_redirect_uri_mismatch = Die Rücksprungadresse ist nicht die der Anmeldeanfrage.
refused-of-pkce_mismatch = Der Code-Verifier passt nicht zur Code-Challenge.
refused-of-pkce_verifier_missing = Der Code-Verifier fehlt.
refused-of-pkce_unexpected = Es kam ein Code-Verifier, aber die Anmeldung begann ohne Code-Challenge.
refused-of-refresh_unknown = Das Refresh-Token ist ungültig.
refused-of-refresh_expired = Das Refresh-Token ist abgelaufen; eine neue Anmeldung ist nötig.
refused-of-refresh_replayed = Das Refresh-Token ist schon benutzt worden; eine neue Anmeldung ist nötig.
refused-of-refresh_of_another_client = Das Refresh-Token gilt nicht für diese Anwendung.
refused-of-grant_revoked = Diese Berechtigung ist widerrufen; eine neue Anmeldung ist nötig.
refused-of-access_withdrawn = Die Person darf diese Anwendung nicht mehr benutzen.
refused-of-client_credentials_not_allowed = Diese Anwendung darf keine Token für sich selbst holen.
refused-of-scope_not_granted = Nichts vom verlangten Umfang (scope) wird gewährt.
refused-of-access_token_invalid = Das Zugriffstoken ist ungültig.
refused-of-no_person_in_token = Dieses Zugriffstoken gehört einer Anwendung, keiner Person.
refused-of-introspection_not_allowed = Diese Anwendung darf nicht nach Token fragen.
refused-of-token_of_another_client = Dieses Token wurde nicht für diese Anwendung ausgestellt.

# Personen
refused-of-user_disabled = Dieses Konto ist abgeschaltet.
refused-of-weak_password = Wählen Sie ein anderes Passwort: mindestens 8 Zeichen, und weder Ihr Name noch Ihre Adresse.
refused-of-link_ended = Dieser Link ist benutzt worden, abgelaufen oder durch einen neueren ersetzt.
refused-of-wrong_credentials = Benutzername und Passwort passen nicht zusammen.
refused-of-login_throttled = Zu viele falsche Versuche. Warten Sie ein wenig, dann versuchen Sie es noch einmal.
refused-of-login_busy = Der Server ist beschäftigt. Versuchen Sie es in einigen Sekunden noch einmal.
refused-of-missing_right = Dazu fehlt Ihnen das Recht.
refused-of-protected_by_role = Das gehört zu einem Administrationskonto; nur eines mit allen Rechten kann es ändern.
