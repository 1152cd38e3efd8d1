//! The crate openidconnect on the token of one case (see bench/src/verify.rs): parsed and verified, again and again.

use std::error::Error;
use std::str::FromStr;
use std::time::{Duration, Instant};

use openidconnect::core::{CoreIdToken, CoreIdTokenVerifier, CoreJsonWebKeySet, CoreJwsSigningAlgorithm};
use openidconnect::{ClientId, ClientSecret, IssuerUrl, Nonce};
use serde_json::Value;

fn main() -> Result<(), Box<dyn Error>> {
    let file = std::env::args().nth(1).ok_or("expected the file of a case")?;
    let case: Value = serde_json::from_slice(&std::fs::read(file)?)?;
    let text = |name: &str| case[name].as_str().map(str::to_owned).ok_or_else(|| format!("no {name}"));
    let keys: CoreJsonWebKeySet = serde_json::from_value(case["keys"].clone())?;
    let algorithm: CoreJwsSigningAlgorithm = serde_json::from_value(case["algorithm"].clone())?;
    let verifier = CoreIdTokenVerifier::new_confidential_client(
        ClientId::new(text("client")?),
        ClientSecret::new("secret".to_owned()),
        IssuerUrl::new(text("issuer")?)?,
        keys,
    )
    .set_allowed_algs([algorithm]);
    let (token, nonce) = (text("token")?, Nonce::new(text("nonce")?));
    let time = Duration::from_secs_f64(case["seconds"].as_f64().unwrap_or(1.0));
    let (begun, before, mut count) = (Instant::now(), cpu()?, 0_u32);
    while begun.elapsed() < time {
        let token = CoreIdToken::from_str(&token)?;
        token.claims(&verifier, &nonce)?;
        count += 1;
    }
    println!("{{\"verify\": {}}}", f64::from(count) / (cpu()? - before));
    Ok(())
}

/// Seconds of user and system time of this process, which the kernel counts in hundredths.
fn cpu() -> Result<f64, Box<dyn Error>> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let (_, fields) = stat.rsplit_once(')').ok_or("unexpected /proc/self/stat")?;
    let ticks = fields.split_whitespace().skip(11).take(2);
    Ok(ticks.filter_map(|field| field.parse::<f64>().ok()).sum::<f64>() / 100.0)
}
