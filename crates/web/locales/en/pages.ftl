# Every page
skip = Skip to the content
help = Help:
title-error = Error:
cancel = Cancel
back = Back
back-to-app = Back to { $app }
try-again = Try again
to-start = To the start page
reference = Reference:
logged-in-as = Logged in as

nav = Account
nav-start = Applications
nav-grants = Sharing
nav-sessions = Sessions
nav-profile = Profile
nav-password = Password
nav-factors = Security
nav-logins = Logins
nav-logout = Log out

username = User name
display-name = Name
password = Password
current-password = Present password
new-password = New password
repeat-password = New password again

throttled = There were too many tries. Wait { $duration }, then try again.
busy = The server is busy with other logins right now. Try again in { $duration }.

duration-seconds =
    { $count ->
        [one] { $count } second
       *[other] { $count } seconds
    }
duration-minutes =
    { $count ->
        [one] { $count } minute
       *[other] { $count } minutes
    }
duration-hours =
    { $count ->
        [one] { $count } hour
       *[other] { $count } hours
    }
duration-days =
    { $count ->
        [one] { $count } day
       *[other] { $count } days
    }
moment-now = just now
moment-ago = { $duration } ago
moment-ahead = in { $duration }

# Login
login-title = Log in
login-title-app = Log in to { $app }
login-submit = Log in
login-cancel-app = Cancel, back to { $app }
login-forgot = Forgotten your password? An administrator can give you a link to set a new one.
login-forgot-link = Forgotten your password?
login-register = No account yet?
login-register-link = Register
register-title = Register
register-lead = Type your e-mail address. An e-mail with a link comes to it, and there you choose your user name and password.
register-lead-approval = Type your e-mail address. An e-mail with a link comes to it; there you say who you are, and then an administrator decides.
register-domains = Open for addresses at: { $domains }
register-email = E-mail address
register-submit = Send the e-mail
register-bad-address = Type an e-mail address of plain letters (a-z): name@example.com.
register-bad-domain = Registration is not open for addresses of this kind.
register-elsewhere = You need not register: people with this address log in with { $title }.
register-sent-title = Check your e-mail
register-sent-lead = An e-mail is on its way to this address. If it has an account already, the e-mail says so; otherwise the link in it leads on, once and for a day.
register-sent-aside = Nothing arrives? Look into the spam folder, or ask an administrator.
join-title = Who are you?
join-lead = Your address { $email } is confirmed. Choose a user name and a password.
join-lead-approval = Your address { $email } is confirmed. Say who you are; then an administrator decides.
join-username-rule = Letters, digits, dots, hyphens and underscores. It stays yours, and others see it.
join-submit = Register
join-waits-title = An administrator decides now
join-waits-lead = There is nothing more to do. What comes of it goes to { $email }.
forgotten-title = Choose a new password
forgotten-lead = Type your user name or your e-mail address. If there is an account, an e-mail with a link goes to its address.
forgotten-name = User name or e-mail address
forgotten-submit = Send the e-mail
forgotten-empty = Type your user name or your e-mail address.
forgotten-sent-title = Check your e-mail
forgotten-sent-lead = If there is an account of that name or address, an e-mail with a link is on its way to it. The link works once and for an hour.
forgotten-sent-aside = Nothing arrives? Look into the spam folder, or ask an administrator for a link.
forgotten-off = This server sends no e-mail. An administrator can give you a link to set a new password.
forgotten-back = Back to the login
login-again = Enter your password once more to go on.
login-backup = This is the way in for administrators of this server while the usual login is not available.
login-no-username = Enter your user name.
login-no-password = Enter your password.
login-wrong = User name and password do not match. Check both and try again.
login-account-expired = Your account has ended. If you still need it, ask your administrator.
login-account-deleted = Your account has been deleted. For some days your administrator can still bring it back.
login-expired = This page was open for too long. Log in once more.
login-next = Next
login-or = or
login-with = Log in with { $title }
onward-title = On to { $title }
onward-lead = You log in there and come back here automatically.
onward-go = Continue

# Account chooser
accounts-title = Which account?
accounts-lead-app = You go on to { $app } with the account that you choose.
accounts-other = Another account

# Consent
consent-title = { $app } asks to know you
consent-as = You are logged in as { $name }.
consent-lead = If you allow it, this application gets:
consent-allow = Allow
consent-deny = Do not allow
consent-details = And it wants to do this:
consent-each-time = You are asked each time, because this is about one single request.
consent-once = You are asked once. Your answer holds until the application asks for more.
scope-openid = A permanent identifier for you
scope-profile = Your name and user name
scope-email = Your e-mail address
scope-phone = Your telephone number
scope-address = Your postal address
scope-groups = The groups that you belong to
scope-offline-access = Access to this while you are away
scope-other = What it calls “{ $scope }”

# Refusals
refused-title-person = The login did not go through
refused-title-administrator = This server cannot go on
refused-title-application = The application asked for something it may not
refused-title-upstream = The other login did not answer as it should
refused-some-app = the application
refused-turn = Who can mend this
refused-turn-person = You can: go back to the application and log in from there once more.
refused-turn-retry = You can: begin once more with the button below.
refused-turn-administrator = An administrator of this server. Tell them the reference.
refused-turn-application = Whoever looks after { $app }. Tell them the reference.
refused-turn-upstream = Whoever runs the login that you chose. An administrator of this server can tell them what is wrong; tell them the reference.
refused-contact = Ask:
refused-operator = For the administrator
refused-remedy = What to do
refused-code = Code:
difference-received = Received
difference-registered = Registered
difference-gap = (something is missing here)
difference-at = They differ from character { $position } on.
difference-none-registered = Nothing is registered yet.

# No access
no-access-title = No access to { $app }
no-access-as = You are logged in as { $name } ({ $username }).
no-access-missing = What is missing
no-access-groups =
    { $count ->
        [one] Members of this group may use the application. You are not one of them:
       *[other] Members of any of these groups may use the application. You are in none of them:
    }
no-access-nobody = The application has been set up, but no group has been let in yet.
no-access-disabled = The application is switched off for everybody.
no-access-turn = An administrator of this server. Tell them the reference and why you need the application.
no-access-switch = Log in as somebody else

# Passwords
password-rule = At least { $min } characters. A few words that you can remember are better than a short riddle.
password-too-short = The password is too short: at least { $min } characters.
password-too-long = The password is too long: at most { $max } bytes.
password-weak = Choose another password: at least { $min } characters, and not your name or e-mail address.
password-common = This password is one of the most common ones: whoever guesses begins with them. Choose another.
password-guessable = This password is too easy to guess. A few words that do not belong together are better.
password-mismatch = The two passwords differ. Enter the new one twice.
password-current-wrong = The present password is wrong.
password-bad-username = Choose a user name of letters, digits, dots, hyphens and underscores.
password-username-taken = This user name is taken. Choose another.
enrol-welcome-title = Welcome
enrol-welcome-lead = { $name }, choose the password for your account.
enrol-reset-title = Set a new password
enrol-reset-lead = Your old password stops working as soon as you have set this one.
enrol-first-title = The first administrator
enrol-first-lead = This server is new. Make the account that administers it.
enrol-submit = Set password
spent-title = This link no longer works
spent-lead = It has been used already, or its time is up.
spent-turn = An administrator of this server can give you a new link.
change-title = Change password
change-submit = Change password
change-done = Your password has been changed.
change-effect = Your sessions in other browsers end with the old password.

# What is shared with applications
grants-title = What you share
grants-lead = What applications may know about you. If you withdraw it, the application can read nothing more here, and your next login there asks you again.
grants-empty = You share nothing: no application can read anything about you here.
grants-reads = It gets
grants-since = Since
grants-last-login = Last login
grants-withdraw = Withdraw
grants-withdrawn = Withdrawn. The application can read nothing more about you here.
grants-unasked = An administrator has agreed to this for everybody: your next login there shares it again without asking.
grants-copies = What an application has stored itself stays with it, and so does a session of its own. Log out there as well.

# Sessions
sessions-title = Your sessions
sessions-lead = Where your account is logged in. End what you do not recognise, then change your password.
sessions-current = This browser
sessions-last-seen = Last used
sessions-created = Logged in
sessions-expires = Ends
sessions-address = Address
sessions-end = End
sessions-end-others = End all others
sessions-ended = The session has been ended.
sessions-others-ended =
    { $count ->
        [0] There was no other session.
        [one] One other session has been ended.
       *[other] { $count } other sessions have been ended.
    }
device-on = { $browser } on { $system }
device-unknown = Unknown device

# Logout
logout-title = Log out?
logout-lead = This ends your session in this browser.
logout-lead-app = { $app } has logged you out and asks whether your session here should end too.
logout-submit = Log out
logout-stay = Stay logged in
logged-out-title = You are logged out
logged-out-lead = Your session in this browser has ended. Applications that keep a session of their own may still be open.
logged-out-lead-apps = Your session in this browser has ended.
logged-out-told = Also logged out of
logged-out-not-yet = Not reached yet
logged-out-not-yet-lead = They will be told as soon as they can be reached. Until then you may still be logged in there.
logged-out-never = Still open
logged-out-never-lead = These keep a session of their own that cannot be ended from here. Log out there, too.
logged-out-framed = Asked in this browser
logged-out-framed-lead = This page has loaded their logout in a frame. Whether your browser let it work cannot be seen from here.
logged-out-continue = Continue
logged-out-frame = Logout of { $app }
logged-out-login = Log in again

# Start page
start-title = Your applications
start-empty = No application is open to you yet.
start-empty-ask = Ask:
start-empty-administrator = Add one on the command line, then let a group in:

# form_post
form-post-title = On to { $app }
form-post-lead = You are logged in. If nothing happens by itself, go on with the button.
form-post-submit = Go on to { $app }

# Errors
fault-not-found-title = There is nothing behind this door
fault-not-found = The address may be mistyped, or what was here is gone.
fault-bad-request-title = This request cannot be read
fault-bad-request = Go back and try once more. If it happens again, the link that brought you here is wrong.
fault-foreign-form-title = Please send that again
fault-foreign-form = The form was open for too long or came from another page, so nothing was changed.
fault-too-many-title = Too many tries
fault-internal-title = Something broke on our side
fault-internal = It is not your doing. If it stays, tell an administrator.
fault-busy-title = Very busy right now

# Status
status-works = This server works
status-broken = Something does not work
status-ok = works
status-failed = does not work
status-database = Database
status-signing-keys = Signing keys
status-clock = Clock
status-version = Version

# Connected logins
logins-title = Your logins
logins-lead = Other accounts that you can log in here with.
logins-name = Known there as
logins-never = never
logins-remove = Remove
logins-connect = Connect another
logins-connected = The login has been connected. From now on you can use it here.
logins-removed = The login has been removed.
logins-last-way = This is your only way in, so it stays. Set a password first.
logins-too-late = The question was open for too long, so nothing was connected. Connect the login again.
confirm-login-title = Connect this login to your account?
confirm-login-lead = From then on, whoever logs in at { $upstream } with this login gets into your account here. Connect it only if both are yours.
confirm-login-here = Your account here
confirm-login-submit = Connect
confirm-login-deny = Do not connect

# Preview of a login through an upstream
preview-title = A login through { $upstream }
preview-lead = This is what the login would have come to. Nothing was created or changed.
preview-known = This would be { $user }, who has come this way before.
preview-linked = This would become { $user }, whose account is here already.
preview-created = This would be a new account: { $user }
preview-refused = This login would be refused.
preview-subject = Subject:
preview-reasons = What each rule said
preview-changes = What would change here
preview-claims = What the upstream says

# Passkeys
nav-passkeys = Passkeys
login-passkey = Use a passkey
login-passkey-cancelled = No passkey was used. Try again, or log in with your password.
login-passkey-refused = This passkey was not accepted. Try again, or log in otherwise.
login-passkey-copied = There may be a copy of this passkey, so it is not accepted any more. Log in otherwise, then remove it.
passkeys-title = Your passkeys
passkeys-lead = Log in with your finger, your face or the PIN of your device. Nothing to remember, and nothing that a false page could steal.
passkeys-created = Added
passkeys-kept = Kept
passkeys-synced = on all your devices
passkeys-one-device = on one device
passkeys-copied = There may be a copy of this passkey, so it is not accepted any more. Remove it and add a new one.
passkeys-rename = Rename
passkeys-name = Name
passkeys-save = Save
passkeys-add-title = Add a passkey
passkeys-add = Add
passkeys-added = The passkey has been added. From now on you can log in with it.
passkeys-renamed = The passkey has its new name.
passkeys-removed = The passkey has been removed. Delete it on the device too.
passkeys-not-registered = The passkey could not be added. Try again.
passkeys-untrusted = Passkeys of this device are not let in here. Use one that your organisation has chosen, and let the browser say who made it.
passkeys-cancelled = No passkey was made. Try again when you are ready.
passkeys-known = This device has a passkey for your account already.
passkeys-too-many = You have as many passkeys as there may be. Remove one first.
passkeys-bad-name = A name has 1 to 60 characters.
passkeys-no-script = Adding a passkey needs a browser that runs scripts and knows passkeys.
passkeys-unavailable = Browsers allow no passkeys at this address. An administrator can give the server a name and a certificate.

# Second step of a login
second-title = One more step
second-to = On the way to { $app }
second-code = Code from your app
second-recovery = Recovery code
second-rule-code = The six digits that your authenticator app shows now.
second-rule-both = The six digits that your authenticator app shows now, or one of your recovery codes.
second-rule-recovery = One of the codes that you kept when you set up your second factor. Each works once.
second-remember =
    { $days ->
        [one] Do not ask in this browser for a day
       *[other] Do not ask in this browser for { $days } days
    }
second-submit = Confirm
second-other = Log in as somebody else
second-lost = No app, no recovery code left? An administrator can let you set up a new one.
second-empty = Enter the code.
second-passkey-refused = This passkey was not accepted. Try again.
second-passkey-cancelled = No passkey was used. Try again.
second-passkey-no-script = Using a passkey needs a browser that runs scripts and knows passkeys.
second-wrong = This code is not right. Take the one that your app shows now; each works once.
enrol-factor-title = Set up a second factor
enrol-factor-lead = From now on a password alone is not enough here. It takes a minute.
enrol-factor-lead-app = { $app } asks for more than a password. It takes a minute.
enrol-factor-passkey = Only a passkey will do here, and browsers allow none at this address. Ask an administrator.
enrol-passkey-title = A passkey
enrol-passkey-lead = Your finger, your face or the PIN of your device. Nothing to type, and nothing that a false page could steal.
enrol-passkey-add = Set up a passkey
enrol-factor-app = Or an authenticator app
enrol-factor-later = Not now
enrol-factor-until = You can put this off; it will be required { $when }.
totp-step-app = Have an authenticator app at hand, on your telephone or in your password manager.
totp-step-scan = Scan this code with it.
totp-step-code = Enter the six digits that it shows.
totp-qr = QR code for your authenticator app
totp-type = Type the key instead
totp-code = Code from the app
totp-submit = Finish
recovery-title = Your recovery codes
recovery-done = Your second factor is set up.
recovery-lead = With each of these codes you get in once without your app or passkey. Print them, or keep them in your password manager.
recovery-once = They are shown this once only.
recovery-on = I have kept them, go on

# Second factors in the account
factors-title = Security
factors-lead = What you prove beside your password, so that a stolen password opens nothing.
factors-app = Authenticator app
factors-app-none = None set up. An app on your telephone or in your password manager makes a code for each login.
factors-app-since = Set up
factors-app-add = Set up an app
factors-app-replace = Set up another app
factors-app-remove = Remove the app
factors-recovery = Recovery codes
factors-recovery-none = You get them when you set up your first second factor.
factors-recovery-left =
    { $count ->
        [0] None left. Make new ones now.
        [one] One is left. Make new ones.
       *[other] { $count } are left.
    }
factors-recovery-new = Make new codes
factors-recovery-effect = Making new codes ends the old ones.
factors-removed = The app was removed.
factors-demanded = A policy demands a second factor of you: you are asked to set one up at your next login.
add-app-title = Set up an authenticator app
add-app-replaces = The app that you have set up stops working when you finish.
new-codes-done = These are your new recovery codes. The old ones have ended.
new-codes-back = I have kept them

# Profile
profile-title = Your profile
profile-language = Language of e-mails
profile-language-browser = As my browser
profile-theme = Appearance
theme-browser = As my browser
theme-light = Light
theme-dark = Dark
profile-save = Save
profile-saved = Your profile has been saved.
profile-bad-name = A name has at most 200 characters and no line breaks.
profile-email = E-mail address
profile-verified = confirmed
profile-unverified = not confirmed
profile-no-email = There is none.
profile-pending = An e-mail has gone to { $address }. The address becomes yours when you open the link in it.
profile-new-email = New address
profile-email-rule = An e-mail with a link goes there. The present address is told of the change.
profile-send = Send the e-mail
profile-letter-sent = If this address is free, an e-mail is on its way to it.
profile-bad-address = Write it as name@example.com.
profile-too-often = That was asked for often. Wait ten minutes, then try again.
profile-export-title = What is stored about you
profile-export-lead = Your account, groups, sessions, applications, and what was done by you or to you, as a JSON file. You may be asked to log in again.
profile-export = Download
confirm-title = Confirm your e-{ "\u2060" }mail address
confirm-lead = { $address } becomes the address of the account { $username }.
confirm-submit = Confirm
confirm-aside = You know nothing of this? Close this page: nothing changes.
confirm-other-title = This link belongs to another account
confirm-other-lead = You are logged in as { $username }, and this address was asked for by somebody else.
confirm-other-turn = If both accounts are yours, log out and log in with the one that asked. Otherwise close this page: nothing changes.
confirm-done-title = The address is confirmed
confirm-done-lead = { $address } is now the address of the account { $username }.

nav-activity = Activity
activity-title = Your recent activity
activity-lead = What you did, and what was done to your account. If something here was not you, change your password and tell your administrator.
activity-none = There is nothing yet.
activity-when = When
activity-by = By
activity-by-you = You
activity-by-administrator = Somebody who administers
activity-by-server = The server
activity-by-somebody = Somebody who gave your name or address
activity-refused = refused
activity-latest = Latest
activity-older = Older
activity-app = Logged in to { $app }
activity-upstream-login = Logged in through { $title }
activity-login-refused = A login did not succeed
activity-session-begin = A session began in a browser
activity-session-end = Sessions ended
activity-grant-stolen = A token for an application came twice, perhaps from a thief; the session there has ended
activity-consent = { $app } was allowed to know something of you
activity-revoke = What { $app } was allowed was taken back
activity-upstream-connect = The login at { $title } was connected
activity-upstream-unlink = The login at { $title } was removed
activity-user-add = The account was made
activity-register = The account was made by registering
activity-registration-ask = A registration was asked for with your address
activity-login-backup = Logged in by the way for administrators, past the usual login
activity-user-edit = The account was changed
activity-profile-edit = The profile was changed
activity-email-ask = Another e-mail address was asked for
activity-email-confirm = The e-mail address was confirmed
activity-password = The password was changed
activity-forgotten = A new password was asked for by e-mail
activity-link-create = A link to choose a password was made
activity-link-redeem = A link to choose a password was used
activity-passkey-add = A passkey was registered
activity-passkey-rename = A passkey got another name
activity-passkey-remove = A passkey was removed
activity-passkey-copied = A passkey may have been copied
activity-factor-add = An app for one-time codes was set up
activity-factor-recovery = New recovery codes were made
activity-factor-use = A recovery code was used
activity-factor-remove = The app for one-time codes was removed
activity-factor-reset = All second factors were taken away
activity-export = What is stored about you was downloaded
activity-expire = The account ended, as had been set
activity-delete = The account was deleted
activity-restore = The account was brought back
activity-terms = The terms and conditions were answered
activity-role-grant = A role was given to you
activity-role-withdraw = A role was taken from you
activity-administered = Administration: { $action }
activity-other = Something else: { $action }

profile-delete-lead = With everything that belongs to it.
delete-account-title = Delete your account
delete-account = Delete my account
delete-account-after =
    { $days ->
        [one] Your account is closed at once and you are logged out everywhere. Until tomorrow an administrator can bring it back; then it is gone for good, with everything that belongs to it.
       *[other] Your account is closed at once and you are logged out everywhere. For { $days } days an administrator can bring it back; then it is gone for good, with everything that belongs to it.
    }
delete-account-at-once = Your account is gone at once, with everything that belongs to it. Nobody can bring it back.
delete-account-role = You administer here. Another administrator has to take your role over before your account can be deleted.
account-closed-title = Your account is closed
account-closed-lead = You are logged out everywhere.
account-closed-gone = It is gone for good
account-closed-turn = If you want to keep it, tell your administrator before then.
account-gone-title = Your account is deleted
account-gone-lead = Everything that belonged to it is gone. You are logged out everywhere.

# Terms and conditions
terms-title = Terms and conditions
terms-as = You are logged in as { $name }.
terms-lead = Read these terms. Once you accept them, you are in.
terms-lead-app = Read these terms. Once you accept them, { $app } opens.
terms-changed = The terms have changed since you accepted them. Read them anew.
terms-version = Version { $version }, published
terms-read = Read the terms (opens a new page)
terms-accepted = You accepted this version
terms-accept = I accept
terms-decline = I do not accept
terms-aside = If you do not accept, you are logged out. You can log in and answer again at any time.
profile-terms = Read the terms

start-questions = Waiting for your answer
start-question-open = Look
device-code-title = Connect a device
device-code-lead = Type the code that your device shows.
device-code = Code
device-code-unreadable = That cannot be a code. It has eight letters, as in WDJB-MJHT.
device-code-unknown = No device shows this code, or it has ended. Look at the device again; it may show a new one.
device-code-warning = Type only what a device in front of you shows. Nobody who calls or writes to you needs a code of yours.
question-title = Log in to { $app }?
question-lead-device = A device asks to be logged in as you.
question-lead = The application asks whether it is you who is at it just now.
question-code = The device shows
question-message = The application shows
question-began = Began
question-address = From the address
question-device = On
question-unvouched = This application registered itself. Nobody here has checked its name.
question-warning-device = Say yes only if you began this yourself just now, on a device in front of you that shows this very code. If somebody sent you the code or a link, say no: they would be you.
question-warning = Say yes only if you began this yourself just now and the application shows the same. If you know nothing of it, say no: somebody else would be you.
question-allow = Yes, it is me
question-deny = No
question-allowed-title = You are logged in there
question-allowed = { $app } goes on by itself. You can close this page.
question-denied-title = Nothing was allowed
question-denied = { $app } is told that you said no.
question-over-title = This question is over
question-over = It was answered before, or took too long. Begin again where you came from.
consent-unvouched = What it learns goes to { $host }.
