//! What an administrator does to the keys.

use doorward_directory::Actor;
use doorward_jose::Algorithm;
use doorward_provider::rotation::by_hand;
use jiff::Timestamp;

use super::{Keys, KeysError};

impl Keys {
    /// Turns the key of this algorithm, or of all, before its time. Usually the next one is published now and signs in two days;
    /// `at_once` lets it sign now. False when there was nothing to do. Right: full.
    pub(crate) async fn turn(
        &self,
        actor: &Actor,
        algorithm: Option<Algorithm>,
        at_once: bool,
        now: Timestamp,
    ) -> Result<bool, KeysError> {
        let algorithms: Vec<Algorithm> = algorithm.map_or_else(|| Algorithm::ALL.to_vec(), |one| vec![one]);
        let steps = self
            .change(actor.clone(), Vec::new(), now, move |lives, policy| {
                let turned = |algorithm: &Algorithm| by_hand::turn(lives, *algorithm, policy, at_once, now.as_second());
                Ok(algorithms.iter().flat_map(turned).collect())
            })
            .await?;
        Ok(!steps.is_empty())
    }

    /// Takes a key away at once: it is published no more, its private half is forgotten, and tokens that it signed are refused here
    /// from now on. Right: full.
    pub(crate) async fn withdraw(&self, actor: &Actor, kid: &str, now: Timestamp) -> Result<(), KeysError> {
        let kid = kid.to_owned();
        self.change(actor.clone(), Vec::new(), now, move |lives, _| {
            by_hand::withdraw(lives, &kid, now.as_second())
        })
        .await?;
        Ok(())
    }
}
