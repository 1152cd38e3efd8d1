# Jede Seite
skip = Zum Inhalt springen
help = Hilfe:
title-error = Fehler:
cancel = Abbrechen
back = Zurück
back-to-app = Zurück zu { $app }
try-again = Noch einmal versuchen
to-start = Zur Startseite
reference = Kennung:
logged-in-as = Angemeldet als

nav = Konto
nav-start = Anwendungen
nav-grants = Freigaben
nav-sessions = Sitzungen
nav-profile = Profil
nav-password = Passwort
nav-factors = Sicherheit
nav-logins = Anmeldungen
nav-logout = Abmelden

username = Benutzername
display-name = Name
password = Passwort
current-password = Bisheriges Passwort
new-password = Neues Passwort
repeat-password = Neues Passwort noch einmal

throttled = Es gab zu viele Versuche. Warten Sie { $duration }, dann versuchen Sie es noch einmal.
busy = Der Server ist gerade mit anderen Anmeldungen beschäftigt. Versuchen Sie es in { $duration } noch einmal.

duration-seconds =
    { $count ->
        [one] { $count } Sekunde
       *[other] { $count } Sekunden
    }
duration-minutes =
    { $count ->
        [one] { $count } Minute
       *[other] { $count } Minuten
    }
duration-hours =
    { $count ->
        [one] { $count } Stunde
       *[other] { $count } Stunden
    }
# Dativ, wie nach „vor“ und „in“.
duration-days =
    { $count ->
        [one] { $count } Tag
       *[other] { $count } Tagen
    }
moment-now = gerade eben
moment-ago = vor { $duration }
moment-ahead = in { $duration }

# Anmeldung
login-title = Anmelden
login-title-app = Bei { $app } anmelden
login-submit = Anmelden
login-cancel-app = Abbrechen, zurück zu { $app }
login-forgot = Passwort vergessen? Die Administration kann Ihnen einen Link für ein neues geben.
login-forgot-link = Passwort vergessen?
login-register = Noch kein Konto?
login-register-link = Registrieren
register-title = Registrieren
register-lead = Geben Sie Ihre E-Mail-Adresse ein. Es kommt eine E-Mail mit einem Link; dort wählen Sie Benutzernamen und Passwort.
register-lead-approval = Geben Sie Ihre E-Mail-Adresse ein. Es kommt eine E-Mail mit einem Link; dort sagen Sie, wer Sie sind, und dann entscheidet die Administration.
register-domains = Offen für Adressen bei: { $domains }
register-email = E-Mail-Adresse
register-submit = E-Mail senden
register-bad-address = Geben Sie eine E-Mail-Adresse aus einfachen Buchstaben (a-z) ein: name@example.com.
register-bad-domain = Für solche Adressen ist die Registrierung nicht offen.
register-elsewhere = Sie brauchen sich nicht zu registrieren: mit dieser Adresse meldet man sich über { $title } an.
register-sent-title = Sehen Sie in Ihr Postfach
register-sent-lead = Eine E-Mail ist an diese Adresse unterwegs. Wenn sie schon ein Konto hat, steht das darin; sonst führt der Link darin weiter, einmal und einen Tag lang.
register-sent-aside = Es kommt nichts an? Sehen Sie in den Spam-Ordner, oder fragen Sie die Administration.
join-title = Wer sind Sie?
join-lead = Ihre Adresse { $email } ist bestätigt. Wählen Sie einen Benutzernamen und ein Passwort.
join-lead-approval = Ihre Adresse { $email } ist bestätigt. Sagen Sie, wer Sie sind; dann entscheidet die Administration.
join-username-rule = Buchstaben, Ziffern, Punkte, Binde- und Unterstriche. Er bleibt Ihrer, und andere sehen ihn.
join-submit = Registrieren
join-waits-title = Jetzt entscheidet die Administration
join-waits-lead = Mehr ist nicht zu tun. Was daraus wird, erfahren Sie unter { $email }.
forgotten-title = Neues Passwort wählen
forgotten-lead = Geben Sie Ihren Benutzernamen oder Ihre E-Mail-Adresse ein. Wenn es ein Konto gibt, geht eine E-Mail mit einem Link an seine Adresse.
forgotten-name = Benutzername oder E-Mail-Adresse
forgotten-submit = E-Mail senden
forgotten-empty = Geben Sie Ihren Benutzernamen oder Ihre E-Mail-Adresse ein.
forgotten-sent-title = Sehen Sie in Ihr Postfach
forgotten-sent-lead = Wenn es ein Konto mit diesem Namen oder dieser Adresse gibt, ist eine E-Mail mit einem Link dorthin unterwegs. Der Link gilt einmal und eine Stunde lang.
forgotten-sent-aside = Es kommt nichts an? Sehen Sie in den Spam-Ordner, oder bitten Sie die Administration um einen Link.
forgotten-off = Dieser Server verschickt keine E-Mails. Die Administration kann Ihnen einen Link für ein neues Passwort geben.
forgotten-back = Zurück zur Anmeldung
login-again = Geben Sie Ihr Passwort noch einmal ein, um fortzufahren.
login-backup = Dies ist der Zugang für die Administration dieses Servers, solange die übliche Anmeldung ausfällt.
login-no-username = Geben Sie Ihren Benutzernamen ein.
login-no-password = Geben Sie Ihr Passwort ein.
login-wrong = Benutzername und Passwort passen nicht zusammen. Prüfen Sie beides und versuchen Sie es noch einmal.
login-account-expired = Ihr Konto ist abgelaufen. Wenn Sie es noch brauchen, fragen Sie Ihre Administration.
login-account-deleted = Ihr Konto wurde gelöscht. Einige Tage lang kann Ihre Administration es noch zurückholen.
login-expired = Diese Seite war zu lange offen. Melden Sie sich noch einmal an.
login-next = Weiter
login-or = oder
login-with = Mit { $title } anmelden
onward-title = Weiter zu { $title }
onward-lead = Sie melden sich dort an und kommen von selbst hierher zurück.
onward-go = Weiter

# Kontenwahl
accounts-title = Welches Konto?
accounts-lead-app = Mit dem gewählten Konto geht es weiter zu { $app }.
accounts-other = Ein anderes Konto

# Zustimmung
consent-title = { $app } möchte wissen, wer Sie sind
consent-as = Sie sind angemeldet als { $name }.
consent-lead = Wenn Sie es erlauben, erhält diese Anwendung:
consent-allow = Erlauben
consent-deny = Nicht erlauben
consent-details = Und sie möchte dies tun:
consent-each-time = Sie werden jedes Mal gefragt, denn es geht um diese eine Anfrage.
consent-once = Sie werden einmal gefragt. Ihre Antwort gilt, bis die Anwendung nach mehr fragt.
scope-openid = Eine feste Kennung, an der sie Sie wiedererkennt
scope-profile = Ihren Namen und Benutzernamen
scope-email = Ihre E-Mail-Adresse
scope-phone = Ihre Telefonnummer
scope-address = Ihre Postanschrift
scope-groups = Die Gruppen, denen Sie angehören
scope-offline-access = Zugriff darauf auch in Ihrer Abwesenheit
scope-other = Was sie „{ $scope }“ nennt

# Ablehnungen
refused-title-person = Die Anmeldung hat nicht geklappt
refused-title-administrator = Dieser Server kommt nicht weiter
refused-title-application = Die Anwendung hat etwas Unerlaubtes verlangt
refused-title-upstream = Die andere Anmeldung hat nicht geantwortet, wie sie soll
refused-some-app = die Anwendung
refused-turn = Wer das beheben kann
refused-turn-person = Sie selbst: Gehen Sie zurück zur Anwendung und melden Sie sich von dort noch einmal an.
refused-turn-retry = Sie selbst: Beginnen Sie mit der Schaltfläche unten noch einmal.
refused-turn-administrator = Die Administration dieses Servers. Nennen Sie ihr die Kennung.
refused-turn-application = Wer { $app } betreut. Nennen Sie dort die Kennung.
refused-turn-upstream = Wer die gewählte Anmeldung betreibt. Die Administration dieses Servers kann sagen, was fehlt; nennen Sie ihr die Kennung.
refused-contact = Fragen Sie:
refused-operator = Für die Administration
refused-remedy = Was zu tun ist
refused-code = Code:
difference-received = Erhalten
difference-registered = Eingetragen
difference-gap = (hier fehlt etwas)
difference-at = Sie unterscheiden sich ab Zeichen { $position }.
difference-none-registered = Es ist noch nichts eingetragen.

# Kein Zugang
no-access-title = Kein Zugang zu { $app }
no-access-as = Sie sind angemeldet als { $name } ({ $username }).
no-access-missing = Was fehlt
no-access-groups =
    { $count ->
        [one] Mitglieder dieser Gruppe dürfen die Anwendung benutzen. Sie gehören ihr nicht an:
       *[other] Mitglieder einer dieser Gruppen dürfen die Anwendung benutzen. Sie gehören keiner davon an:
    }
no-access-nobody = Die Anwendung ist eingerichtet, aber noch für keine Gruppe geöffnet.
no-access-disabled = Die Anwendung ist für alle abgeschaltet.
no-access-turn = Die Administration dieses Servers. Nennen Sie ihr die Kennung und wozu Sie die Anwendung brauchen.
no-access-switch = Als jemand anderes anmelden

# Passwörter
password-rule = Mindestens { $min } Zeichen. Ein paar Wörter, die Sie behalten können, sind besser als ein kurzes Rätsel.
password-too-short = Das Passwort ist zu kurz: mindestens { $min } Zeichen.
password-too-long = Das Passwort ist zu lang: höchstens { $max } Bytes.
password-weak = Wählen Sie ein anderes Passwort: mindestens { $min } Zeichen, und weder Ihr Name noch Ihre E-Mail-Adresse.
password-common = Dieses Passwort gehört zu den häufigsten: Wer rät, beginnt mit ihnen. Wählen Sie ein anderes.
password-guessable = Dieses Passwort ist zu leicht zu erraten. Ein paar Wörter, die nicht zusammengehören, sind besser.
password-mismatch = Die beiden Passwörter unterscheiden sich. Geben Sie das neue zweimal ein.
password-current-wrong = Das bisherige Passwort ist falsch.
password-bad-username = Wählen Sie einen Benutzernamen aus Buchstaben, Ziffern, Punkten, Binde- und Unterstrichen.
password-username-taken = Dieser Benutzername ist vergeben. Wählen Sie einen anderen.
enrol-welcome-title = Willkommen
enrol-welcome-lead = { $name }, wählen Sie das Passwort für Ihr Konto.
enrol-reset-title = Neues Passwort setzen
enrol-reset-lead = Ihr altes Passwort gilt nicht mehr, sobald Sie dieses gesetzt haben.
enrol-first-title = Das erste Konto
enrol-first-lead = Dieser Server ist neu. Legen Sie das Konto an, das ihn verwaltet.
enrol-submit = Passwort setzen
spent-title = Dieser Link gilt nicht mehr
spent-lead = Er ist schon benutzt worden, oder seine Zeit ist um.
spent-turn = Die Administration dieses Servers kann Ihnen einen neuen Link geben.
change-title = Passwort ändern
change-submit = Passwort ändern
change-done = Ihr Passwort ist geändert.
change-effect = Ihre Sitzungen in anderen Browsern enden mit dem alten Passwort.

# Was Anwendungen wissen
grants-title = Ihre Freigaben
grants-lead = Was Anwendungen über Sie wissen dürfen. Wenn Sie es entziehen, kann die Anwendung hier nichts mehr lesen, und Ihre nächste Anmeldung dort fragt Sie wieder.
grants-empty = Sie geben nichts frei: Keine Anwendung kann hier etwas über Sie lesen.
grants-reads = Sie erhält
grants-since = Seit
grants-last-login = Letzte Anmeldung
grants-withdraw = Entziehen
grants-withdrawn = Entzogen. Die Anwendung kann hier nichts mehr über Sie lesen.
grants-unasked = Dem hat die Administration für alle zugestimmt: Ihre nächste Anmeldung dort gibt es ohne Rückfrage wieder frei.
grants-copies = Was eine Anwendung selbst gespeichert hat, bleibt bei ihr, ebenso eine Sitzung, die sie selbst führt. Melden Sie sich auch dort ab.

# Sitzungen
sessions-title = Ihre Sitzungen
sessions-lead = Wo Ihr Konto angemeldet ist. Beenden Sie, was Sie nicht kennen, und ändern Sie dann Ihr Passwort.
sessions-current = Dieser Browser
sessions-last-seen = Zuletzt benutzt
sessions-created = Angemeldet
sessions-expires = Endet
sessions-address = Adresse
sessions-end = Beenden
sessions-end-others = Alle anderen beenden
sessions-ended = Die Sitzung ist beendet.
sessions-others-ended =
    { $count ->
        [0] Es gab keine andere Sitzung.
        [one] Eine andere Sitzung ist beendet.
       *[other] { $count } andere Sitzungen sind beendet.
    }
device-on = { $browser } auf { $system }
device-unknown = Unbekanntes Gerät

# Abmeldung
logout-title = Abmelden?
logout-lead = Damit endet Ihre Sitzung in diesem Browser.
logout-lead-app = { $app } hat Sie abgemeldet und fragt, ob auch Ihre Sitzung hier enden soll.
logout-submit = Abmelden
logout-stay = Angemeldet bleiben
logged-out-title = Sie sind abgemeldet
logged-out-lead = Ihre Sitzung in diesem Browser ist beendet. Anwendungen mit eigener Sitzung können noch offen sein.
logged-out-lead-apps = Ihre Sitzung in diesem Browser ist beendet.
logged-out-told = Auch dort abgemeldet
logged-out-not-yet = Noch nicht erreicht
logged-out-not-yet-lead = Diese Anwendungen werden benachrichtigt, sobald sie erreichbar sind. Bis dahin können Sie dort noch angemeldet sein.
logged-out-never = Noch offen
logged-out-never-lead = Diese Anwendungen führen eine eigene Sitzung, die von hier aus nicht beendet werden kann. Melden Sie sich auch dort ab.
logged-out-framed = In diesem Browser gebeten
logged-out-framed-lead = Diese Seite hat deren Abmeldung in einem Rahmen geladen. Ob Ihr Browser sie wirken ließ, ist von hier aus nicht zu sehen.
logged-out-continue = Weiter
logged-out-frame = Abmeldung von { $app }
logged-out-login = Wieder anmelden

# Startseite
start-title = Ihre Anwendungen
start-empty = Noch steht Ihnen keine Anwendung offen.
start-empty-ask = Fragen Sie:
start-empty-administrator = Fügen Sie auf der Kommandozeile eine hinzu und öffnen Sie sie für eine Gruppe:

# form_post
form-post-title = Weiter zu { $app }
form-post-lead = Sie sind angemeldet. Wenn von selbst nichts geschieht, geht es mit der Schaltfläche weiter.
form-post-submit = Weiter zu { $app }

# Fehler
fault-not-found-title = Hinter dieser Tür ist nichts
fault-not-found = Vielleicht ist die Adresse vertippt, oder was hier war, gibt es nicht mehr.
fault-bad-request-title = Diese Anfrage ist nicht lesbar
fault-bad-request = Gehen Sie zurück und versuchen Sie es noch einmal. Geschieht es wieder, ist der Link falsch, der Sie hierher geführt hat.
fault-foreign-form-title = Bitte noch einmal absenden
fault-foreign-form = Das Formular war zu lange offen oder kam von einer anderen Seite; es wurde nichts geändert.
fault-too-many-title = Zu viele Versuche
fault-internal-title = Auf unserer Seite ist etwas kaputt
fault-internal = Es liegt nicht an Ihnen. Bleibt es dabei, sagen Sie es der Administration.
fault-busy-title = Gerade sehr beschäftigt

# Zustand
status-works = Dieser Server läuft
status-broken = Etwas läuft nicht
status-ok = läuft
status-failed = läuft nicht
status-database = Datenbank
status-signing-keys = Signaturschlüssel
status-clock = Uhr
status-version = Version

# Verbundene Anmeldungen
logins-title = Ihre Anmeldungen
logins-lead = Andere Konten, mit denen Sie sich hier anmelden können.
logins-name = Dort bekannt als
logins-never = nie
logins-remove = Entfernen
logins-connect = Weitere verbinden
logins-connected = Die Anmeldung ist verbunden. Sie können sie ab jetzt hier verwenden.
logins-removed = Die Anmeldung ist entfernt.
logins-last-way = Dies ist Ihr einziger Zugang, deshalb bleibt er. Setzen Sie zuerst ein Passwort.
logins-too-late = Die Frage war zu lange offen, deshalb wurde nichts verbunden. Verbinden Sie die Anmeldung noch einmal.
confirm-login-title = Diese Anmeldung mit Ihrem Konto verbinden?
confirm-login-lead = Wer sich danach bei { $upstream } mit dieser Anmeldung anmeldet, kommt hier in Ihr Konto. Verbinden Sie sie nur, wenn beide Ihnen gehören.
confirm-login-here = Ihr Konto hier
confirm-login-submit = Verbinden
confirm-login-deny = Nicht verbinden

# Vorschau einer Anmeldung bei einem anderen Anbieter
preview-title = Eine Anmeldung mit { $upstream }
preview-lead = Das wäre bei dieser Anmeldung herausgekommen. Angelegt oder geändert wurde nichts.
preview-known = Das wäre { $user }, schon früher auf diesem Weg gekommen.
preview-linked = Das würde zu { $user }; das Konto gibt es hier schon.
preview-created = Das wäre ein neues Konto: { $user }
preview-refused = Diese Anmeldung würde abgelehnt.
preview-subject = Kennung:
preview-reasons = Was jede Regel dazu sagt
preview-changes = Was sich hier ändern würde
preview-claims = Was der andere Anbieter sagt

# Passkeys
nav-passkeys = Passkeys
login-passkey = Passkey verwenden
login-passkey-cancelled = Es wurde kein Passkey verwendet. Versuchen Sie es noch einmal, oder melden Sie sich mit Ihrem Passwort an.
login-passkey-refused = Dieser Passkey wurde nicht angenommen. Versuchen Sie es noch einmal, oder melden Sie sich anders an.
login-passkey-copied = Von diesem Passkey gibt es vielleicht eine Kopie, deshalb gilt er nicht mehr. Melden Sie sich anders an und entfernen Sie ihn.
passkeys-title = Ihre Passkeys
passkeys-lead = Melden Sie sich mit Finger, Gesicht oder der PIN Ihres Geräts an. Nichts zu merken, und nichts, was eine falsche Seite stehlen könnte.
passkeys-created = Hinzugefügt
passkeys-kept = Aufbewahrt
passkeys-synced = auf allen Ihren Geräten
passkeys-one-device = auf einem Gerät
passkeys-copied = Von diesem Passkey gibt es vielleicht eine Kopie, deshalb gilt er nicht mehr. Entfernen Sie ihn und fügen Sie einen neuen hinzu.
passkeys-rename = Umbenennen
passkeys-name = Name
passkeys-save = Speichern
passkeys-add-title = Passkey hinzufügen
passkeys-add = Hinzufügen
passkeys-added = Der Passkey ist hinzugefügt. Sie können sich ab jetzt damit anmelden.
passkeys-renamed = Der Passkey hat seinen neuen Namen.
passkeys-removed = Der Passkey ist entfernt. Löschen Sie ihn auch auf dem Gerät.
passkeys-not-registered = Der Passkey konnte nicht hinzugefügt werden. Versuchen Sie es noch einmal.
passkeys-untrusted = Passkeys dieses Geräts werden hier nicht angenommen. Nehmen Sie eines, das Ihre Organisation gewählt hat, und lassen Sie den Browser sagen, von wem es ist.
passkeys-cancelled = Es wurde kein Passkey erstellt. Versuchen Sie es noch einmal, wenn Sie bereit sind.
passkeys-known = Dieses Gerät hat schon einen Passkey für Ihr Konto.
passkeys-too-many = Sie haben so viele Passkeys, wie es geben darf. Entfernen Sie zuerst einen.
passkeys-bad-name = Ein Name hat 1 bis 60 Zeichen.
passkeys-no-script = Um einen Passkey hinzuzufügen, braucht es einen Browser, der Skripte ausführt und Passkeys kennt.
passkeys-unavailable = An dieser Adresse erlauben Browser keine Passkeys. Die Administration kann dem Server einen Namen und ein Zertifikat geben.

# Zweiter Schritt der Anmeldung
second-title = Noch ein Schritt
second-to = Auf dem Weg zu { $app }
second-code = Code aus Ihrer App
second-recovery = Wiederherstellungscode
second-rule-code = Die sechs Ziffern, die Ihre Authenticator-App gerade zeigt.
second-rule-both = Die sechs Ziffern, die Ihre Authenticator-App gerade zeigt, oder einer Ihrer Wiederherstellungscodes.
second-rule-recovery = Einer der Codes, die Sie beim Einrichten des zweiten Faktors aufbewahrt haben. Jeder gilt einmal.
second-remember =
    { $days ->
        [one] In diesem Browser einen Tag lang nicht fragen
       *[other] In diesem Browser { $days } Tage lang nicht fragen
    }
second-submit = Bestätigen
second-other = Als jemand anderes anmelden
second-lost = Keine App und kein Wiederherstellungscode mehr? Die Administration kann Sie einen neuen Faktor einrichten lassen.
second-empty = Geben Sie den Code ein.
second-passkey-refused = Dieser Passkey wurde nicht angenommen. Versuchen Sie es noch einmal.
second-passkey-cancelled = Es wurde kein Passkey verwendet. Versuchen Sie es noch einmal.
second-passkey-no-script = Um einen Passkey zu verwenden, braucht es einen Browser, der Skripte ausführt und Passkeys kennt.
second-wrong = Dieser Code stimmt nicht. Nehmen Sie den, den Ihre App jetzt zeigt; jeder gilt einmal.
enrol-factor-title = Zweiten Faktor einrichten
enrol-factor-lead = Von jetzt an genügt hier ein Passwort allein nicht mehr. Es dauert eine Minute.
enrol-factor-lead-app = { $app } verlangt mehr als ein Passwort. Es dauert eine Minute.
enrol-factor-passkey = Hier genügt nur ein Passkey, und an dieser Adresse lassen Browser keinen zu. Fragen Sie Ihre Administration.
enrol-passkey-title = Ein Passkey
enrol-passkey-lead = Ihr Finger, Ihr Gesicht oder die PIN Ihres Geräts. Nichts zu tippen, und nichts, was eine falsche Seite stehlen könnte.
enrol-passkey-add = Passkey einrichten
enrol-factor-app = Oder eine Authenticator-App
enrol-factor-later = Jetzt nicht
enrol-factor-until = Sie können das aufschieben; verlangt wird es { $when }.
totp-step-app = Halten Sie eine Authenticator-App bereit, auf dem Telefon oder im Passwortmanager.
totp-step-scan = Lesen Sie damit diesen Code ein.
totp-step-code = Geben Sie die sechs Ziffern ein, die sie zeigt.
totp-qr = QR-Code für Ihre Authenticator-App
totp-type = Stattdessen den Schlüssel eintippen
totp-code = Code aus der App
totp-submit = Fertig
recovery-title = Ihre Wieder{ "\u00AD" }herstellungs{ "\u00AD" }codes
recovery-done = Ihr zweiter Faktor ist eingerichtet.
recovery-lead = Mit jedem dieser Codes kommen Sie einmal ohne Ihre App oder Ihren Passkey hinein. Drucken Sie sie aus oder bewahren Sie sie im Passwortmanager auf.
recovery-once = Sie werden nur dieses eine Mal gezeigt.
recovery-on = Ich habe sie aufbewahrt, weiter

# Zweite Faktoren im Konto
factors-title = Sicherheit
factors-lead = Was Sie neben dem Passwort nachweisen, damit ein gestohlenes Passwort nichts öffnet.
factors-app = Authenticator-App
factors-app-none = Keine eingerichtet. Eine App auf dem Telefon oder im Passwortmanager erzeugt für jede Anmeldung einen Code.
factors-app-since = Eingerichtet
factors-app-add = App einrichten
factors-app-replace = Andere App einrichten
factors-app-remove = App entfernen
factors-recovery = Wiederherstellungscodes
factors-recovery-none = Sie bekommen sie, wenn Sie Ihren ersten zweiten Faktor einrichten.
factors-recovery-left =
    { $count ->
        [0] Keiner ist übrig. Erzeugen Sie jetzt neue.
        [one] Einer ist übrig. Erzeugen Sie neue.
       *[other] { $count } sind übrig.
    }
factors-recovery-new = Neue Codes erzeugen
factors-recovery-effect = Neue Codes beenden die alten.
factors-removed = Die App wurde entfernt.
factors-demanded = Eine Vorgabe verlangt von Ihnen einen zweiten Faktor: Bei der nächsten Anmeldung werden Sie gebeten, einen einzurichten.
add-app-title = Authenticator-{ "\u2060" }App einrichten
add-app-replaces = Die bisher eingerichtete App gilt nicht mehr, sobald Sie fertig sind.
new-codes-done = Das sind Ihre neuen Wiederherstellungscodes. Die alten gelten nicht mehr.
new-codes-back = Ich habe sie aufbewahrt

# Profil
profile-title = Ihr Profil
profile-language = Sprache der E-Mails
profile-language-browser = Wie mein Browser
profile-theme = Darstellung
theme-browser = Wie mein Browser
theme-light = Hell
theme-dark = Dunkel
profile-save = Speichern
profile-saved = Ihr Profil ist gespeichert.
profile-bad-name = Ein Name hat höchstens 200 Zeichen und keine Zeilenumbrüche.
profile-email = E-Mail-Adresse
profile-verified = bestätigt
profile-unverified = nicht bestätigt
profile-no-email = Es gibt keine.
profile-pending = Eine E-Mail ist an { $address } gegangen. Die Adresse wird Ihre, wenn Sie den Link darin öffnen.
profile-new-email = Neue Adresse
profile-email-rule = Dorthin geht eine E-Mail mit einem Link. Die jetzige Adresse erfährt von der Änderung.
profile-send = E-Mail senden
profile-letter-sent = Wenn diese Adresse frei ist, ist eine E-Mail dorthin unterwegs.
profile-bad-address = Schreiben Sie sie als name@example.com.
profile-too-often = Das wurde oft verlangt. Warten Sie zehn Minuten, dann versuchen Sie es noch einmal.
profile-export-title = Was über Sie gespeichert ist
profile-export-lead = Ihr Konto, Gruppen, Sitzungen, Anwendungen, und was Sie taten oder was an Ihrem Konto getan wurde, als JSON-Datei. Vielleicht müssen Sie sich noch einmal anmelden.
profile-export = Herunterladen
confirm-title = E-{ "\u2060" }Mail-{ "\u2060" }Adresse bestätigen
confirm-lead = { $address } wird die Adresse des Kontos { $username }.
confirm-submit = Bestätigen
confirm-aside = Sie wissen davon nichts? Schließen Sie diese Seite: es ändert sich nichts.
confirm-other-title = Dieser Link gehört zu einem anderen Konto
confirm-other-lead = Sie sind als { $username } angemeldet, und um diese Adresse hat jemand anderes gebeten.
confirm-other-turn = Wenn beide Konten Ihnen gehören, melden Sie sich ab und mit dem an, das darum gebeten hat. Sonst schließen Sie diese Seite: es ändert sich nichts.
confirm-done-title = Die Adresse ist bestätigt
confirm-done-lead = { $address } ist jetzt die Adresse des Kontos { $username }.

nav-activity = Aktivität
activity-title = Ihre letzten Aktivitäten
activity-lead = Was Sie getan haben, und was an Ihrem Konto getan wurde. Wenn etwas davon nicht von Ihnen stammt, ändern Sie Ihr Passwort und sagen Sie es Ihrer Administration.
activity-none = Es gibt noch nichts.
activity-when = Wann
activity-by = Von
activity-by-you = Ihnen
activity-by-administrator = jemandem aus der Administration
activity-by-server = dem Server
activity-by-somebody = jemandem, der Ihren Namen oder Ihre Adresse angab
activity-refused = abgelehnt
activity-latest = Neueste
activity-older = Ältere
activity-app = Bei { $app } angemeldet
activity-upstream-login = Über { $title } angemeldet
activity-login-refused = Eine Anmeldung ist nicht gelungen
activity-session-begin = In einem Browser begann eine Sitzung
activity-session-end = Sitzungen wurden beendet
activity-grant-stolen = Ein Token für eine Anwendung kam zweimal, vielleicht von einem Dieb; die Sitzung dort ist beendet
activity-consent = { $app } darf etwas über Sie wissen
activity-revoke = Was { $app } erlaubt war, wurde zurückgenommen
activity-upstream-connect = Die Anmeldung bei { $title } wurde verbunden
activity-upstream-unlink = Die Anmeldung bei { $title } wurde entfernt
activity-user-add = Das Konto wurde angelegt
activity-register = Das Konto entstand durch eine Registrierung
activity-registration-ask = Mit Ihrer Adresse wurde eine Registrierung angefragt
activity-login-backup = Über den Zugang für die Administration angemeldet
activity-user-edit = Das Konto wurde geändert
activity-profile-edit = Das Profil wurde geändert
activity-email-ask = Eine andere E-Mail-Adresse wurde gewünscht
activity-email-confirm = Die E-Mail-Adresse wurde bestätigt
activity-password = Das Passwort wurde geändert
activity-forgotten = Ein neues Passwort wurde per E-Mail angefordert
activity-link-create = Ein Link zum Wählen eines Passworts wurde erzeugt
activity-link-redeem = Ein Link zum Wählen eines Passworts wurde benutzt
activity-passkey-add = Ein Passkey wurde registriert
activity-passkey-rename = Ein Passkey bekam einen anderen Namen
activity-passkey-remove = Ein Passkey wurde entfernt
activity-passkey-copied = Ein Passkey wurde vielleicht kopiert
activity-factor-add = Eine App für Einmalcodes wurde eingerichtet
activity-factor-recovery = Neue Wiederherstellungscodes wurden erzeugt
activity-factor-use = Ein Wiederherstellungscode wurde benutzt
activity-factor-remove = Die App für Einmalcodes wurde entfernt
activity-factor-reset = Alle zweiten Faktoren wurden entfernt
activity-export = Was über Sie gespeichert ist, wurde heruntergeladen
activity-expire = Das Konto endete, wie es eingestellt war
activity-delete = Das Konto wurde gelöscht
activity-restore = Das Konto wurde zurückgeholt
activity-terms = Die Nutzungsbedingungen wurden beantwortet
activity-role-grant = Sie bekamen eine Rolle
activity-role-withdraw = Ihnen wurde eine Rolle genommen
activity-administered = Administration: { $action }
activity-other = Etwas anderes: { $action }

profile-delete-lead = Mit allem, was dazugehört.
delete-account-title = Ihr Konto löschen
delete-account = Mein Konto löschen
delete-account-after =
    { $days ->
        [one] Ihr Konto ist sofort geschlossen, und Sie sind überall abgemeldet. Bis morgen kann die Administration es zurückholen; dann ist es endgültig weg, mit allem, was dazugehört.
       *[other] Ihr Konto ist sofort geschlossen, und Sie sind überall abgemeldet. { $days } Tage lang kann die Administration es zurückholen; dann ist es endgültig weg, mit allem, was dazugehört.
    }
delete-account-at-once = Ihr Konto ist sofort weg, mit allem, was dazugehört. Niemand kann es zurückholen.
delete-account-role = Sie administrieren hier. Jemand anderes muss Ihre Rolle übernehmen, bevor Ihr Konto gelöscht werden kann.
account-closed-title = Ihr Konto ist geschlossen
account-closed-lead = Sie sind überall abgemeldet.
account-closed-gone = Es ist endgültig weg
account-closed-turn = Wenn Sie es behalten möchten, sagen Sie es vorher Ihrer Administration.
account-gone-title = Ihr Konto ist gelöscht
account-gone-lead = Alles, was dazugehörte, ist weg. Sie sind überall abgemeldet.

# Nutzungsbedingungen
terms-title = Nutzungs{ "\u00AD" }bedingungen
terms-as = Sie sind als { $name } angemeldet.
terms-lead = Lesen Sie diese Bedingungen. Sobald Sie zustimmen, sind Sie drin.
terms-lead-app = Lesen Sie diese Bedingungen. Sobald Sie zustimmen, geht es weiter zu { $app }.
terms-changed = Die Bedingungen haben sich geändert, seit Sie zugestimmt haben. Lesen Sie sie noch einmal.
terms-version = Fassung { $version }, veröffentlicht
terms-read = Bedingungen lesen (öffnet eine neue Seite)
terms-accepted = Sie haben dieser Fassung zugestimmt:
terms-accept = Ich stimme zu
terms-decline = Ich stimme nicht zu
terms-aside = Wer nicht zustimmt, wird abgemeldet. Sie können sich jederzeit wieder anmelden und neu antworten.
profile-terms = Bedingungen lesen

start-questions = Wartet auf Ihre Antwort
start-question-open = Ansehen
device-code-title = Gerät verbinden
device-code-lead = Tippen Sie den Code ein, den Ihr Gerät zeigt.
device-code = Code
device-code-unreadable = Das kann kein Code sein. Er hat acht Buchstaben, wie WDJB-MJHT.
device-code-unknown = Kein Gerät zeigt diesen Code, oder er ist abgelaufen. Sehen Sie noch einmal auf das Gerät; vielleicht zeigt es einen neuen.
device-code-warning = Tippen Sie nur ein, was ein Gerät vor Ihnen zeigt. Niemand, der Sie anruft oder Ihnen schreibt, braucht einen Code von Ihnen.
question-title = Bei { $app } anmelden?
question-lead-device = Ein Gerät möchte als Sie angemeldet werden.
question-lead = Die Anwendung fragt, ob Sie es sind, der sie gerade benutzt.
question-code = Das Gerät zeigt
question-message = Die Anwendung zeigt
question-began = Begonnen
question-address = Von der Adresse
question-device = Auf
question-unvouched = Diese Anwendung hat sich selbst registriert. Niemand hier hat ihren Namen geprüft.
question-warning-device = Sagen Sie nur Ja, wenn Sie das gerade selbst begonnen haben, auf einem Gerät vor Ihnen, das genau diesen Code zeigt. Hat Ihnen jemand den Code oder einen Link geschickt, sagen Sie Nein: Er wäre sonst Sie.
question-warning = Sagen Sie nur Ja, wenn Sie das gerade selbst begonnen haben und die Anwendung dasselbe zeigt. Wissen Sie nichts davon, sagen Sie Nein: Jemand anders wäre sonst Sie.
question-allow = Ja, das bin ich
question-deny = Nein
question-allowed-title = Sie sind dort angemeldet
question-allowed = { $app } macht von selbst weiter. Sie können diese Seite schließen.
question-denied-title = Nichts wurde erlaubt
question-denied = { $app } erfährt, dass Sie Nein gesagt haben.
question-over-title = Diese Frage ist vorbei
question-over = Sie wurde schon beantwortet oder hat zu lange gewartet. Beginnen Sie dort von vorn, wo Sie herkommen.
consent-unvouched = Was sie erfährt, geht an { $host }.
