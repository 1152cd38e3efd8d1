//! One request's part of a login's trace.

use std::borrow::Cow;

use doorward_audit::{Reference, Step, StepOutcome, TraceOutcome, Visit as TraceVisit};
use doorward_oidc::Refusal;
use doorward_provider::{Outcome, Steps};

use crate::{Door, telemetry, visit::Visit};

/// Characters of a name that a trace keeps.
const LONGEST_NAME: usize = 64;

/// Collects what one request adds to a login's trace, and hands it over when the request is answered.
pub(crate) struct Trail {
    /// What the person can read out.
    pub(crate) reference: Reference,
    /// What the rules report.
    pub(crate) steps: Steps,
    endpoint: &'static str,
    app: Option<String>,
    user: Option<String>,
}

impl Trail {
    /// Begins a new trace.
    pub(crate) fn begin(door: &Door, visit: &Visit, endpoint: &'static str) -> Self {
        Self::resume(door.tracer.begin(visit.now), endpoint)
    }

    /// Goes on with a trace that an earlier request began.
    pub(crate) fn resume(reference: Reference, endpoint: &'static str) -> Self {
        Self {
            reference,
            steps: Steps::new(),
            endpoint,
            app: None,
            user: None,
        }
    }

    /// Says which application it is about.
    pub(crate) fn app(&mut self, client_id: &str) {
        self.app = Some(client_id.to_owned());
    }

    /// Says which person it is about: their name in the directory, or a word of ours; nothing that somebody typed.
    pub(crate) fn user(&mut self, name: &impl ToString) {
        self.user = Some(name.to_string().chars().take(LONGEST_NAME).collect());
    }

    /// Counts and notes a refusal that no rule has reported as a step.
    pub(crate) fn refused(&mut self, check: &'static str, refusal: &Refusal) {
        self.steps.refused(check, refusal);
        self.count(refusal);
    }

    /// Makes sure that the refusal which ended the request is its last step, whether a rule has reported it or not.
    pub(crate) fn conclude(&mut self, refusal: &Refusal) {
        let reported = self
            .steps
            .as_slice()
            .last()
            .is_some_and(|step| step.outcome == Outcome::Refused);
        if reported {
            self.count(refusal);
        } else {
            self.refused("request", refusal);
        }
    }

    /// Counts a refusal that a rule has reported.
    pub(crate) fn count(&self, refusal: &Refusal) {
        metrics::counter!(telemetry::REFUSALS, "code" => refusal.kind.code, "endpoint" => self.endpoint).increment(1);
    }

    /// Hands over; what strangers cause, within their budget.
    pub(crate) fn close(self, door: &Door, visit: &Visit, outcome: TraceOutcome) {
        // A refusal of nobody in particular is kept as long as its address has not filled its budget with them.
        let is_strangers = self.user.is_none() && outcome != TraceOutcome::Ok;
        if is_strangers && !door.strangers.pay_trace(visit.client.address, visit.now) {
            return;
        }
        let steps = self.steps.into_vec().into_iter().map(|step| {
            let outcome = match step.outcome {
                Outcome::Ok => StepOutcome::Ok,
                Outcome::Refused => StepOutcome::Refused,
                Outcome::Info => StepOutcome::Info,
            };
            Step::new(Cow::Borrowed(step.check), outcome, step.detail)
                .with_remedy(step.remedy)
                .with_received(step.received)
        });
        let part = TraceVisit {
            request: Cow::Borrowed(self.endpoint),
            app: self.app,
            user: self.user,
            address: Some(visit.client.address.to_string()),
            outcome,
            steps: steps.collect(),
        };
        door.tracer.note(self.reference, visit.now, part);
    }
}
