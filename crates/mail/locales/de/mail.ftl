### Briefe. Jede Art hat einen Betreff und einen Text; -button, wo es etwas zu drücken gibt, -after für das, was folgt.

greeting = Guten Tag,
greeting-named = Guten Tag { $name },
by-hand = Oder diese Adresse in den Browser kopieren:
footer = { $house } · { $url }
contact = Fragen: { $contact }
notice-not-you = Wenn Sie das waren, ist nichts zu tun. Wenn nicht, setzen Sie unter { $url } ein neues Passwort, und sagen Sie es den Betreibern von { $house }.

test-subject = { $house }: Mail funktioniert
test-text = Dies ist ein Test. { $house } unter { $url } kann Mail verschicken.

invitation-subject = Ihr Konto bei { $house }
invitation-text = Für Sie wurde ein Konto bei { $house } angelegt. Ihr Benutzername ist { $username }. Wählen Sie zum Anfang ein Passwort.
invitation-button = Passwort wählen
invitation-after = Der Link gilt einmal, bis { $time }.

password-reset-subject = { $house }: neues Passwort wählen
password-reset-text = Jemand, wahrscheinlich Sie, hat um ein neues Passwort für Ihr Konto bei { $house } gebeten.
password-reset-button = Neues Passwort wählen
password-reset-after = Der Link gilt einmal, bis { $time }. Wenn Sie nicht darum gebeten haben, ignorieren Sie diese E-Mail: Ihr Passwort bleibt, wie es ist.

confirm-address-subject = { $house }: E-Mail-Adresse bestätigen
confirm-address-text = Diese Adresse wurde für ein Konto bei { $house } angegeben. Bestätigen Sie, in diesem Konto angemeldet, dass sie Ihnen gehört.
confirm-address-button = Adresse bestätigen
confirm-address-after = Der Link gilt einmal, bis { $time }. Wenn Sie davon nichts wissen, ignorieren Sie diese E-Mail: das Konto bekommt diese Adresse dann nicht.

deletion-planned-subject = { $house }: Ihr Konto wird gelöscht
deletion-planned-text = Ihr Konto bei { $house } ist geschlossen und wird am { $time } gelöscht, mit allem, was dazugehört. Wenn es bleiben soll, sagen Sie es vorher den Betreibern von { $house }. Wenn es gelöscht werden soll, ist nichts zu tun.

account-deleted-subject = { $house }: Ihr Konto wurde gelöscht
account-deleted-text = Ihr Konto bei { $house } wurde gelöscht, mit allem, was dazugehörte.

account-expires-subject = { $house }: Ihr Konto endet bald
account-expires-text = Ihr Konto bei { $house } endet am { $time }. Danach können Sie sich nicht mehr anmelden. Wenn Sie es noch brauchen, sagen Sie es den Betreibern von { $house }.

register-subject = { $house }: Registrierung fortsetzen
register-text = Jemand, wahrscheinlich Sie, möchte mit dieser Adresse ein Konto bei { $house }.
register-button = Fortsetzen
register-after = Der Link gilt einmal, bis { $time }. Wenn Sie davon nichts wissen, ignorieren Sie diese E-Mail: es entsteht dann kein Konto.

registered-already-subject = { $house }: Sie haben ein Konto
registered-already-text = Jemand, wahrscheinlich Sie, wollte sich mit dieser Adresse bei { $house } registrieren. Sie gehört schon zu einem Konto: melden Sie sich damit an, oder fordern Sie dort ein neues Passwort an.
registered-already-button = Anmelden
registered-already-after = Wenn Sie davon nichts wissen, ignorieren Sie diese E-Mail.

approved-subject = Ihr Konto bei { $house } ist bereit
approved-text = Ihre Registrierung wurde angenommen. Ihr Benutzername ist { $username }. Wählen Sie ein Passwort, um zu beginnen.
approved-button = Passwort wählen
approved-after = Der Link gilt einmal, bis { $time }.

not-approved-subject = { $house }: Ihre Registrierung
not-approved-text = Ihre Registrierung bei { $house } wurde nicht angenommen. Es gibt kein Konto, und was Sie angegeben haben, ist gelöscht.

password-changed-subject = { $house }: Ihr Passwort wurde geändert
password-changed-text = Das Passwort Ihres Kontos bei { $house } wurde geändert. Sitzungen in anderen Browsern sind beendet.

address-changed-subject = { $house }: Ihre E-Mail-Adresse wurde geändert
address-changed-text = Die E-Mail-Adresse Ihres Kontos bei { $house } ist jetzt { $address }. Dies ist die letzte E-Mail an die alte.

factors-reset-subject = { $house }: Ihre zweiten Faktoren wurden zurückgesetzt
factors-reset-text = Ein Administrator hat die zweiten Faktoren Ihres Kontos bei { $house } entfernt. Bei der nächsten Anmeldung werden Sie vielleicht gebeten, neue einzurichten.

factor-added-subject = { $house }: ein zweiter Faktor kam dazu
factor-added-text = Zu Ihrem Konto bei { $house } kam ein zweiter Faktor dazu.

factor-removed-subject = { $house }: ein zweiter Faktor wurde entfernt
factor-removed-text = Ein zweiter Faktor Ihres Kontos bei { $house } wurde entfernt.

passkey-added-subject = { $house }: ein Passkey kam dazu
passkey-added-text = Zu Ihrem Konto bei { $house } kam ein Passkey dazu. Wer ihn hat, kann sich als Sie anmelden.

passkey-removed-subject = { $house }: ein Passkey wurde entfernt
passkey-removed-text = Ein Passkey Ihres Kontos bei { $house } wurde entfernt.

recovery-code-used-subject = { $house }: ein Wiederherstellungscode wurde benutzt
recovery-code-used-text = Jemand hat sich mit einem Wiederherstellungscode bei Ihrem Konto bei { $house } angemeldet. Übrige Codes: { $left }.

not-by-mail-subject = { $house }: kein neues Passwort per Mail
not-by-mail-text = Jemand, wahrscheinlich Sie, hat um ein neues Passwort für Ihr Konto bei { $house } gebeten. Sie verwalten { $house }, deshalb wird das Passwort nicht per Mail ersetzt. Ein anderer Administrator kann Ihnen einen Link geben, oder wem der Server gehört: doorward user link { $username }

log-in-elsewhere-subject = { $house }: wie Sie sich anmelden
log-in-elsewhere-text = Jemand, wahrscheinlich Sie, hat um ein neues Passwort für Ihr Konto bei { $house } gebeten. Ihr Konto hat keines: Sie melden sich über { $title } an.
log-in-elsewhere-button = Anmelden
