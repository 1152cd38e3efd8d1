# Wie die Anfragen einer Anwendung aussehen dürfen.
console-requests = Anfragen
console-profile = Profil
console-profile-none = Keins
console-profile-rule = Schaltet alles ein, was das Profil verlangt, und hält es eingeschaltet.
console-profile-requires = Das Profil verlangt:
console-profile-missing = Fehlt: { $what }. { $remedy }
console-require-pushed = Anfragen müssen vorab eingereicht werden (PAR)
console-require-signed = Anfragen müssen signiert sein (JAR)
console-require-signed-response = Es muss nach einer signierten Antwort gefragt werden (JARM)
console-request-uris = Adressen von Anfrageobjekten
console-request-uris-rule = Nur diese werden abgerufen, Byte für Byte verglichen.
console-resources = Ressourcenserver
console-resources-rule = Wofür die Anwendung neben ihren Audiences Token verlangen darf (RFC 8707).
console-detail-types = Typen von Berechtigungsdetails
console-detail-types-rule = Solchen Details stimmen die Leute jedes Mal zu (RFC 9396).
console-initiate-login = Wo eine Anmeldung beginnt
console-initiate-login-rule = Die Kachel auf der Startseite führt dorthin und nennt diesen Server (OpenID Connect Core §4).
