//! The console's list of people and its search, with a million of them.

use anyhow::{Context, Result};

use crate::{
    browser::between,
    load::{Figures, run},
    place::Place,
    scenarios::Effort,
    size,
    table::{Row, Table},
    target::{self, Home, Target},
};

/// People in the directory.
const PEOPLE: usize = 1_000_000;
/// Pages that are read one after the other before the list is measured far from its beginning.
const DEEP: usize = 200;

/// Prints the figures: the first page, one 10,000 people later, a search that finds one, one that finds 1,000, one that
/// finds nobody.
pub(crate) async fn report(effort: Effort) -> Result<()> {
    let home = Home::new()?;
    target::doorward(&home).await?.server.stop()?;
    let took = size::fill(&home.data().join("doorward.db"), PEOPLE).await?;
    println!("{PEOPLE} people added in {:.0} s.", took.as_secs_f64());
    let ours = target::doorward_again(&home).await?;
    home.ask(&["admin", "grant", "full", &ours.person.name])?;
    let mut browser = Place::of(&ours).await?;
    browser.log_in(&ours.person).await?;
    let deep = deep(&mut browser).await?;
    let few = Effort { workers: 4, ..effort };
    let mut table = Table::default();
    for (name, path, holds) in [
        ("first page of people", "/admin/people".to_owned(), "person.000001"),
        ("a page 10,000 people later", deep, "person.0"),
        (
            "search for one",
            "/admin/people?search=person.765432".to_owned(),
            "person.765432",
        ),
        (
            "search for a thousand",
            "/admin/people?search=person.123".to_owned(),
            "person.123",
        ),
        ("search for nobody", "/admin/people?search=nobody.at.all".to_owned(), ""),
    ] {
        table.add(Row::new(name, page(&ours, &browser.jar, (path, holds), few).await?));
    }
    table.print();
    Ok(())
}

/// Follows the list until it is far from its beginning.
async fn deep(browser: &mut Place) -> Result<String> {
    let mut path = "/admin/people".to_owned();
    for _ in 0..DEEP {
        let page = browser.page(&path, None).await?;
        let cursor = between(&page, "cursor=", "\"").context("the list has no next page")?;
        path = format!("/admin/people?cursor={cursor}");
    }
    Ok(path)
}

async fn page(
    ours: &Target,
    jar: &[(String, String)],
    (path, holds): (String, &'static str),
    effort: Effort,
) -> Result<Figures> {
    run(
        &ours.server,
        effort.workers,
        effort.time,
        async |_| {
            let mut browser = Place::of(ours).await?;
            jar.clone_into(&mut browser.jar);
            Ok((browser, path.clone()))
        },
        move |(browser, path)| {
            Box::pin(async move {
                let page = browser.page(path, None).await?;
                anyhow::ensure!(page.contains(holds), "{path} does not show {holds:?}");
                Ok(())
            })
        },
    )
    .await
}
