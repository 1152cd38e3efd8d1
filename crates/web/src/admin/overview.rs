//! Figures, why logins fail, and what wants attention.

use super::desk::{Desk, Shown};
use crate::pages::console;

/// GET `/admin`.
pub(super) async fn show(desk: Desk) -> Shown {
    let view = desk.get("/overview", &[]).await?;
    Ok(desk.show(|frame| console::overview(&view, frame)))
}
