//! What a trace means, in a sentence: the step from "what happened" to "what is wrong".

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use crate::{CODE_ISSUED, Step, StepOutcome, Trace, TraceOutcome, request};

/// An application asks for the rest within a second of its token; this much silence says that it will not.
const SILENCE: SignedDuration = SignedDuration::from_secs(5);
/// People read a login page for a while, and fetch their password manager.
const ABANDONED: SignedDuration = SignedDuration::from_mins(10);

/// A clock that is further off than this is worth a word, in milliseconds.
const QUIET_MS: i64 = 1_000;

/// What is known of the application besides the trace: from its settings, its preset, and the last look at it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Expectations {
    /// It calls userinfo after each token.
    pub userinfo: bool,
    /// How far its clock is from ours, in milliseconds, and how exactly that is known: below zero it is behind.
    pub clock: Option<(i64, i64)>,
    /// How far its clock may be behind as its configuration is printed, in seconds.
    pub leeway: Option<u32>,
    /// It does not look at when an ID token was made, so that its clock may be behind.
    pub ignores_iat: bool,
    /// Its own settings by which it refuses somebody before it asks for userinfo.
    pub refuses_by: Vec<String>,
    /// What its ID tokens are signed with.
    pub algorithm: Option<String>,
    /// What it accepts them signed with as printed; anything when empty.
    pub accepts: Vec<String>,
    /// Our certificate is from an authority that nobody trusts by itself.
    pub private_authority: bool,
}

/// Good, bad, or nothing to say yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The login did what it should.
    Good,
    /// Something is wrong.
    Bad,
    /// It is still going on, or was left.
    Open,
}

/// A sentence about a trace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Conclusion {
    /// Stable name.
    pub code: &'static str,
    /// Whether it is good or bad.
    pub verdict: Verdict,
    /// What happened, for an operator.
    pub sentence: String,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
    /// The check that refused, by its stable name, when one did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub check: Option<String>,
}

/// What the trace says at `now`, the most important last stage only. Pure: the same trace gives the same sentence.
pub fn conclude(trace: &Trace, expected: &Expectations, now: Timestamp) -> Conclusion {
    let login = Login::of(trace, now);
    // From the end to the beginning: how far it came decides what can be wrong.
    if let Some(refusal) = login.open_refusal() {
        return refused(&login, refusal);
    }
    if login.succeeded(request::USERINFO) {
        return good(format!(
            "{} has the tokens and asked for userinfo: the login is complete",
            login.app
        ));
    }
    if login.succeeded(request::TOKEN) {
        return after_token(&login, expected);
    }
    if login.answered_with_code() {
        return after_code(&login, expected);
    }
    before_code(&login)
}

fn refused(login: &Login<'_>, refusal: &Step) -> Conclusion {
    let what = if refusal.detail.is_empty() {
        String::new()
    } else {
        format!(": {}", refusal.detail)
    };
    Conclusion {
        code: "refused",
        verdict: Verdict::Bad,
        sentence: format!("refused at the {} request by {}{what}", refusal.request, refusal.check),
        remedy: refusal.remedy.clone().or_else(|| {
            (refusal.request == request::USERINFO).then(|| {
                format!(
                    "see whether {} sends the access token as \"Authorization: Bearer …\"",
                    login.app
                )
            })
        }),
        check: Some(refusal.check.clone().into_owned()),
    }
}

fn after_token(login: &Login<'_>, expected: &Expectations) -> Conclusion {
    let app = login.app;
    if !expected.userinfo {
        return good(format!("{app} has its tokens: the login is complete here"));
    }
    if login.silence < SILENCE {
        return Conclusion {
            code: "waiting_for_userinfo",
            verdict: Verdict::Open,
            sentence: format!("{app} has its tokens and has not asked for userinfo yet"),
            remedy: None,
            check: None,
        };
    }
    rejected(app, expected)
}

/// The application took its tokens and then fell silent: it rejected the ID token. Which of its rules that broke is said by
/// what is known of it, the likeliest first.
fn rejected(app: &str, expected: &Expectations) -> Conclusion {
    if expected.ignores_iat {
        return by_content(app, expected, "Its clock does not matter");
    }
    by_clock(app, expected).unwrap_or_else(|| by_content(app, expected, "Its clock is right"))
}

fn rejection(app: &str, code: &'static str, why: &str, remedy: String) -> Conclusion {
    let happened = format!("{app} took a token and never asked for userinfo, although its preset says that it does");
    Conclusion {
        code,
        verdict: Verdict::Bad,
        sentence: format!("{happened}: {why}"),
        remedy: Some(remedy),
        check: None,
    }
}

/// It is behind, or nobody knows whether it is.
fn by_clock(app: &str, expected: &Expectations) -> Option<Conclusion> {
    let Some((offset, accuracy)) = expected.clock else {
        let remedy = format!(
            "doorward doctor app {app} measures its clock and says which; or look into the log of {app}, and see that it \
             accepts the signature: doorward app edit {app} --id-token-alg RS256"
        );
        let own = if expected.refuses_by.is_empty() {
            String::new()
        } else {
            format!(
                ", or refused the person by a rule of its own ({})",
                expected.refuses_by.join(", ")
            )
        };
        let why = format!("it probably rejected the ID token (algorithm or clock){own}");
        return Some(rejection(app, "userinfo_missing", &why, remedy));
    };
    let behind = offset.saturating_neg().saturating_sub(accuracy);
    if behind <= QUIET_MS {
        return None;
    }
    let tenths = offset.saturating_neg().saturating_add(50) / 100;
    let (seconds, tenth) = (tenths / 10, tenths % 10);
    let allows = match expected.leeway {
        Some(leeway) if behind > i64::from(leeway).saturating_mul(1_000) => {
            format!(" and it tolerates {leeway} s")
        }
        Some(leeway) => format!("; it tolerates {leeway} s only with the leeway that is printed for it"),
        None => String::new(),
    };
    let why = format!(
        "it rejected the ID token, which seems to come from the future: its clock is {seconds}.{tenth} s behind{allows}"
    );
    let remedy = format!("on the machine of {app}: chronyc makestep, or timedatectl set-ntp true");
    Some(rejection(app, "id_token_clock", &why, remedy))
}

/// `clock` says why it is not the clock.
fn by_content(app: &str, expected: &Expectations, clock: &str) -> Conclusion {
    match &expected.algorithm {
        Some(signed) if !expected.accepts.is_empty() && !expected.accepts.contains(signed) => {
            let why = format!(
                "it rejected the ID token. {clock}, and the token is signed with {signed}, where {} is what it takes unless it \
                 was told otherwise",
                expected.accepts.join(" or ")
            );
            let remedy = format!(
                "doorward app show {app} --snippet prints its configuration with {signed}; or sign as before: doorward app edit \
                 {app} --id-token-alg {}",
                expected.accepts.first().map_or("RS256", String::as_str)
            );
            rejection(app, "id_token_algorithm", &why, remedy)
        }
        _ if !expected.refuses_by.is_empty() => by_its_own_rules(app, &expected.refuses_by, clock),
        signed => {
            let algorithm = signed.as_ref().map(|signed| format!(" {signed}")).unwrap_or_default();
            let why = format!(
                "it rejected the ID token. {clock} and it takes the algorithm{algorithm}: it expects another audience, another \
                 issuer, or was given another key"
            );
            let remedy = format!(
                "compare the audience (the client id), the issuer and the algorithm in the configuration of {app} with: doorward \
                 app show {app} --snippet"
            );
            rejection(app, "id_token_audience", &why, remedy)
        }
    }
}

/// What this server cannot see: both end in the same silence, and the page or the log of the application tells them apart.
fn by_its_own_rules(app: &str, settings: &[String], clock: &str) -> Conclusion {
    let settings = settings.join(", ");
    let why = format!(
        "it refused the person by a rule of its own ({settings}), or it rejected the ID token. {clock}, so that this would be \
         the audience, the issuer or the key"
    );
    let remedy = format!(
        "doorward app preview {app} --user NAME shows the groups and claims that it was sent: compare them with {settings}; if \
         they fit, compare the audience (the client id) and the issuer in its configuration with: doorward app show {app} --snippet"
    );
    rejection(app, "refused_there", &why, remedy)
}

fn after_code(login: &Login<'_>, expected: &Expectations) -> Conclusion {
    let app = login.app;
    if login.silence < SILENCE {
        return Conclusion {
            code: "waiting_for_token_request",
            verdict: Verdict::Open,
            sentence: format!("{app} was sent a code and has not redeemed it yet"),
            remedy: None,
            check: None,
        };
    }
    if expected.private_authority {
        return Conclusion {
            code: "private_ca",
            verdict: Verdict::Bad,
            sentence: format!(
                "the browser was sent back to {app} with a code, and {app} never came to redeem it: the certificate of this server \
                 is from a private authority, which the machine of {app} probably does not trust"
            ),
            remedy: Some(format!(
                "doorward ca show has the certificate to install there; doorward app show {app} --snippet --ca-file FILE says how \
                 {app} is told of it"
            )),
            check: None,
        };
    }
    Conclusion {
        code: "token_request_missing",
        verdict: Verdict::Bad,
        sentence: format!(
            "the browser was sent back to {app} with a code, and {app} never came to redeem it: its server cannot reach \
             this one (name, firewall, a certificate of a private authority), or it rejected the answer (state, iss)"
        ),
        remedy: Some(format!(
            "from the host of {app}, fetch the discovery document of this server; then look into the log of {app}"
        )),
        check: None,
    }
}

fn before_code(login: &Login<'_>) -> Conclusion {
    let (code, verdict, sentence) = if login.trace.steps.is_empty() {
        ("empty", Verdict::Open, "nothing is known of this login".to_owned())
    } else if login.silence < ABANDONED {
        let at = login.last_request();
        (
            "in_progress",
            Verdict::Open,
            format!("the login is going on; the last request was {at}"),
        )
    } else {
        let at = login.last_request();
        (
            "abandoned",
            Verdict::Open,
            format!("the person did not go on after the {at} page"),
        )
    };
    Conclusion {
        code,
        verdict,
        sentence,
        remedy: None,
        check: None,
    }
}

fn good(sentence: String) -> Conclusion {
    Conclusion {
        code: "complete",
        verdict: Verdict::Good,
        sentence,
        remedy: None,
        check: None,
    }
}

/// A trace, cut into its requests.
struct Login<'t> {
    trace: &'t Trace,
    app: &'t str,
    /// Since anything happened.
    silence: SignedDuration,
    visits: Vec<&'t [Step]>,
}

impl<'t> Login<'t> {
    fn of(trace: &'t Trace, now: Timestamp) -> Self {
        let last = trace.steps.last().map_or(trace.summary.updated, |step| step.at);
        Self {
            trace,
            app: trace.summary.app.as_deref().unwrap_or("the application"),
            silence: now.duration_since(last),
            visits: trace
                .steps
                .chunk_by(|one, next| one.request == next.request && one.at == next.at)
                .collect(),
        }
    }

    /// The refusal that nothing came after: a wrong password followed by the right one is no conclusion.
    fn open_refusal(&self) -> Option<&'t Step> {
        let refusal = refusal_of(self.visits.last()?);
        refusal.or_else(|| {
            let refused = self.trace.summary.outcome == TraceOutcome::Refused;
            refused.then(|| self.visits.iter().rev().find_map(|visit| refusal_of(visit)))?
        })
    }

    fn succeeded(&self, request: &str) -> bool {
        self.visits
            .iter()
            .any(|visit| visit.first().is_some_and(|step| step.request == request) && refusal_of(visit).is_none())
    }

    /// The provider notes the answer as a step of its own, whichever page came last.
    fn answered_with_code(&self) -> bool {
        self.trace
            .steps
            .iter()
            .any(|step| step.check == CODE_ISSUED && step.outcome != StepOutcome::Refused)
    }

    fn last_request(&self) -> &'t str {
        self.trace.steps.last().map_or("", |step| step.request.as_ref())
    }
}

fn refusal_of(visit: &[Step]) -> Option<&Step> {
    visit.iter().find(|step| step.outcome == StepOutcome::Refused)
}
