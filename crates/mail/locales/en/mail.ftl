### Letters. Each kind has a subject and a text; -button where there is something to press, -after for what follows it.

greeting = Hello,
greeting-named = Hello { $name },
by-hand = Or copy this address into your browser:
footer = { $house } · { $url }
contact = Questions: { $contact }
notice-not-you = If that was you, there is nothing to do. If it was not, set a new password at { $url } and tell whoever runs { $house }.

test-subject = { $house }: mail works
test-text = This is a test. { $house } at { $url } can send mail.

invitation-subject = Your account at { $house }
invitation-text = An account has been made for you at { $house }. Your user name is { $username }. Choose a password to begin.
invitation-button = Choose a password
invitation-after = The link works once, until { $time }.

password-reset-subject = { $house }: choose a new password
password-reset-text = Somebody, most likely you, has asked for a new password for your account at { $house }.
password-reset-button = Choose a new password
password-reset-after = The link works once, until { $time }. If you did not ask for it, ignore this e-mail: your password stays as it is.

confirm-address-subject = { $house }: confirm your e-mail address
confirm-address-text = This address was given for an account at { $house }. Confirm that it is yours, logged in to that account.
confirm-address-button = Confirm this address
confirm-address-after = The link works once, until { $time }. If you know nothing of this, ignore this e-mail: the account does not get this address.

deletion-planned-subject = { $house }: your account will be deleted
deletion-planned-text = Your account at { $house } is closed and will be deleted on { $time }, with everything it holds. If it should be kept, tell whoever runs { $house } before then. If you want it deleted, there is nothing to do.

account-deleted-subject = { $house }: your account was deleted
account-deleted-text = Your account at { $house } was deleted, with everything it held.

account-expires-subject = { $house }: your account ends soon
account-expires-text = Your account at { $house } ends on { $time }. After that you cannot log in any more. If you still need it, tell whoever runs { $house }.

register-subject = { $house }: go on with your registration
register-text = Somebody, most likely you, wants an account at { $house } with this address.
register-button = Go on
register-after = The link works once, until { $time }. If you know nothing of this, ignore this e-mail: there will be no account.

registered-already-subject = { $house }: you have an account
registered-already-text = Somebody, most likely you, wanted to register at { $house } with this address. It belongs to an account already: log in with it, or ask for a new password there.
registered-already-button = Log in
registered-already-after = If you know nothing of this, ignore this e-mail.

approved-subject = Your account at { $house } is ready
approved-text = Your registration has been approved. Your user name is { $username }. Choose a password to begin.
approved-button = Choose a password
approved-after = The link works once, until { $time }.

not-approved-subject = { $house }: your registration
not-approved-text = Your registration at { $house } was not approved. There is no account, and what you typed is deleted.

password-changed-subject = { $house }: your password was changed
password-changed-text = The password of your account at { $house } was changed. Sessions in other browsers have ended.

address-changed-subject = { $house }: your e-mail address was changed
address-changed-text = The e-mail address of your account at { $house } is now { $address }. This is the last e-mail to the old one.

factors-reset-subject = { $house }: your second factors were reset
factors-reset-text = An administrator has removed the second factors of your account at { $house }. You may be asked to set up new ones at the next login.

factor-added-subject = { $house }: a second factor was added
factor-added-text = A second factor was added to your account at { $house }.

factor-removed-subject = { $house }: a second factor was removed
factor-removed-text = A second factor was removed from your account at { $house }.

passkey-added-subject = { $house }: a passkey was added
passkey-added-text = A passkey was added to your account at { $house }. Whoever holds it can log in as you.

passkey-removed-subject = { $house }: a passkey was removed
passkey-removed-text = A passkey was removed from your account at { $house }.

recovery-code-used-subject = { $house }: a recovery code was used
recovery-code-used-text = Somebody logged in to your account at { $house } with a recovery code. Codes left: { $left }.

not-by-mail-subject = { $house }: no new password by mail
not-by-mail-text = Somebody, most likely you, has asked for a new password for your account at { $house }. You administer { $house }, so its password is not replaced by mail. Another administrator can give you a link, or whoever owns the server: doorward user link { $username }

log-in-elsewhere-subject = { $house }: how you log in
log-in-elsewhere-text = Somebody, most likely you, has asked for a new password for your account at { $house }. Your account has none: you log in through { $title }.
log-in-elsewhere-button = Log in
