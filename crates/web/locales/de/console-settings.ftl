# Die Verwaltung: Einstellungen, die man selten ändert
console-more = Alle weiteren Einstellungen
console-more-title = Einstellungen von { $name }
console-more-lead = Was die Vorlage entschieden hat. Lassen Sie stehen, wonach die Anwendung nicht verlangt.
console-more-upstream-lead = Was die Vorlage entschieden hat. Jede Änderung wird beim Anbieter ausprobiert, bevor sie gilt.
console-more-proof = Wie sie sich ausweist
console-more-jwks = Ihre öffentlichen Schlüssel
console-more-jwks-rule = Ein JWK-Satz in JSON, für private_key_jwt.
console-more-pkce-rule = weaken-if-sent nimmt auch eine Anmeldung ohne PKCE an.
console-more-issuer-rule = Den Issuer nennen ihre Token: den des Servers oder einen eigenen.
console-more-cors-rule = Origins, deren Skripte aufrufen dürfen, mit Leerzeichen dazwischen: https://spa.example.com.
console-more-tokens = Token
console-more-access-token-alg = Access-Token signiert mit
console-more-userinfo-alg = Userinfo signiert mit
console-more-userinfo-plain = nicht signiert: einfaches JSON
console-more-audience-client-id = Ihre Client-Id gehört zu den Empfängern
console-more-code = Sekunden, die ein Code gilt
console-more-id-token = Sekunden, die ein ID-Token gilt
console-more-access-token = Sekunden, die ein Access-Token gilt
console-more-refresh-token = Sekunden, die ein Refresh-Token nach der letzten Benutzung gilt
console-more-lifetime-rule = Leer: wie die Vorlage.
console-sender = Woran ihre Token gebunden sind
console-sender-dpop = DPoP
console-sender-dpop-rule = Ein an einen Schlüssel gebundenes Token nützt niemandem, der es stiehlt. optional bindet, wenn die Anwendung einen Nachweis schickt.
console-sender-certificate-bound = An ihr Zertifikat gebunden
console-sender-certificate-name = Der Name in ihrem Zertifikat
console-sender-certificate-name-rule = Für tls_client_auth: subject_dn=CN=client,O=Example oder san_dns=, san_uri=, san_ip=, san_email=.
console-more-contents = Was sie bekommt
console-more-scopes-rule = Nach denen sie fragt, mit Leerzeichen dazwischen.
console-more-usernames-rule = short ist anna, full ist anna@id.example.com.
console-more-claims-rule = Je Zeile einer: roles=groups:netbox-*, dept=attribute:department, tenant=constant:acme, oder eine Regel in JSON.
console-more-client-credentials-rule = Sie darf sich selbst anmelden, ohne Person.
console-more-expects-refresh = Ein Refresh-Token ohne offline_access
console-more-expects-userinfo = Sie fragt Userinfo nach jeder Anmeldung
console-more-protocol = Das Protokoll
console-more-tenants = Zugelassene Mandanten
console-more-tenants-rule = Für einen Issuer, der für viele steht, mit Leerzeichen dazwischen.
console-more-algorithms-rule = RS256, ES256 und andere; leer alle, die er anbietet.
console-more-parameters = Weitere Parameter
console-more-parameters-rule = Mit jeder Anmeldung geschickt, je Zeile einer: hd=example.com.
console-more-response-mode = Die Antwort kommt als
console-more-no-probe = Speichern, ohne ihn erst zu fragen
console-more-no-probe-rule = Nur wenn er gerade nicht erreichbar ist.
console-more-network = Der Weg dorthin
console-more-timeout = Sekunden, die auf eine Antwort gewartet wird
console-more-timeout-rule = 1 bis 60.
console-more-leeway = Sekunden, die Uhren auseinander sein dürfen
console-more-leeway-rule = 0 bis 600.
console-more-allow-private = Er darf in einem privaten Netz sein
console-more-ca-rule = Das Zertifikat in PEM, wenn der Anbieter eines von einer eigenen Stelle hat.
console-more-people = Wer jemand ist
console-more-rules = Regeln
console-more-rules-rule = Wer mit welchen Claims hereinkommt und was sie hier bewirken, in JSON. Die Sprache steht in docs/claims.md.
console-more-userinfo = Sein Userinfo-Endpunkt wird gefragt
console-more-lookup = Wo sonst noch gefragt wird
console-more-lookup-url = Adresse von Microsoft Graph
console-more-lookup-failure = Wenn das misslingt
console-more-trusted-email = Eine Adresse, die er bestätigt nennt, ist es
console-more-trusted-amr = Was er über die Anmeldung sagt, kommt in die Token
console-more-groups = Gruppen hier, die sich immer dort anmelden
console-more-session-bound = Sitzungen enden mit seinem Token

console-own-profile = Was Personen an sich selbst ändern
console-attributes = Attribute
console-attributes-rule = Je Zeile eines: department=Vertrieb. Anwendungen bekommen sie als Claims; eine gelöschte Zeile wird weggenommen.
console-link-mail = Der Person auch mailen
console-link-show-only = Nur hier zeigen
console-link-mailed = Gemailt an
