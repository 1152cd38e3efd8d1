//! Nobody learns who has an account: the pages for a forgotten password and for registration give the same bytes, and take the
//! same time, whoever is meant.

use std::time::{Duration, Instant};

use doorward_e2e::{MailServer, Server, Taking, bounded, free_port};
use reqwest::StatusCode;

/// People who are there, and as many names of nobody.
const PEOPLE: usize = 60;
/// Each is asked for so often, and the quickest answer counts: what else the machine does is not measured.
const ROUNDS: usize = 2;
/// The clock of a machine that does other things too is asked so often at most; that it holds once is enough, for what takes longer
/// by its nature takes longer each time.
const TRIALS: usize = 3;
/// What a letter costs the server afterwards is over when the next one asks.
const PAUSE: Duration = Duration::from_millis(25);

struct Asking {
    client: reqwest::Client,
    server: Server,
    asked: u32,
}

/// What came back, without what differs from answer to answer by its nature.
type Answer = (StatusCode, Vec<(String, String)>, String);

impl Asking {
    /// A server of its own, whose budgets nobody has touched, with people in it.
    async fn begin(mail: &MailServer) -> Self {
        let url = format!("http://localhost:{}", free_port());
        let settings = format!("[proxies]\ntrusted = [\"127.0.0.1\"]\n{}", mail.setting(""));
        let server = Server::start_behind(&url, &settings).await;
        server
            .json(&["registration", "set", "--open", "on", "--domains", "example.com"])
            .await;
        for number in 0..PEOPLE {
            let (name, address) = (format!("p{number}"), format!("p{number}@example.com"));
            server.json(&["user", "add", &name, "--email", &address]).await;
        }
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .expect("an HTTP client");
        Self {
            client,
            server,
            asked: 0,
        }
    }

    /// Fails unless every answer has the same bytes; what the clock says against it, if anything.
    async fn compare(&mut self, path: &str, field: &str) -> Result<(), String> {
        let [mut there, mut nobody, mut other] = [const { [Duration::MAX; PEOPLE] }; 3];
        let mut answers = Vec::new();
        for _ in 0..ROUNDS {
            for number in 0..PEOPLE {
                // In turns that put each kind as often behind the other as behind its own.
                let turns = if number % 2 == 0 { ["p", "q"] } else { ["q", "p"] };
                for kind in turns {
                    let (took, answer) = self.ask(path, field, &format!("{kind}{number}@example.com")).await;
                    let quickest = if kind == "p" { &mut there } else { &mut nobody };
                    quickest[number] = took.min(quickest[number]);
                    answers.push(answer);
                }
                other[number] = self.ask(path, field, "").await.0.min(other[number]);
            }
        }
        assert_eq!(answers[0].0, StatusCode::SEE_OTHER, "{path}: {:?}", answers[0]);
        answers.dedup();
        assert_eq!(answers.len(), 1, "{path}: {answers:#?}");
        let likely = longer(&there, &nobody);
        // The same measure tells an answer apart that does less: nothing is stored for an empty field.
        let control = longer(&nobody, &other);
        let said =
            format!("{path}: an account takes longer with a likelihood of {likely:.2}, the control of {control:.2}");
        eprintln!("{said}");
        if (0.3..=0.7).contains(&likely) && control > 0.7 {
            Ok(())
        } else {
            Err(format!("{said}: {there:?} {nobody:?} {other:?}"))
        }
    }

    /// Sends a form from an address of its own, so that no budget says anything, and how long the answer took.
    async fn ask(&mut self, path: &str, field: &str, value: &str) -> (Duration, Answer) {
        self.asked += 1;
        let [_, b, c, d] = self.asked.to_be_bytes();
        let body = url::form_urlencoded::Serializer::new(String::new())
            .append_pair(field, value)
            .finish();
        let request = self
            .client
            .post(format!("{}{path}", self.server.own_url()))
            .header("x-forwarded-for", format!("10.{b}.{c}.{d}"))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body);
        let began = Instant::now();
        let answer = request.send().await.expect("the server answers");
        let took = began.elapsed();
        let status = answer.status();
        let mut headers: Vec<(String, String)> = answer
            .headers()
            .iter()
            .filter(|(name, _)| *name != "date")
            .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
            .collect();
        headers.sort();
        let body = answer.text().await.expect("text");
        tokio::time::sleep(PAUSE).await;
        (took, (status, headers, body))
    }
}

/// How likely one of the first takes longer than one of the second: a half when they are alike.
fn longer(first: &[Duration], second: &[Duration]) -> f64 {
    let mut wins = 0.0;
    for one in first {
        for other in second {
            wins += match one.cmp(other) {
                std::cmp::Ordering::Greater => 1.0,
                std::cmp::Ordering::Equal => 0.5,
                std::cmp::Ordering::Less => 0.0,
            };
        }
    }
    let pairs = u32::try_from(first.len() * second.len()).expect("a small number");
    wins / f64::from(pairs)
}

#[tokio::test]
async fn pages_that_send_letters_say_and_take_the_same_whether_there_is_an_account() {
    bounded(600, async {
        let mail = MailServer::start(Taking::Starttls).await;
        let mut open = vec![("/forgot", "username"), ("/register", "email")];
        let mut against = Vec::new();
        for _ in 0..TRIALS {
            if open.is_empty() {
                break;
            }
            let mut asking = Asking::begin(&mail).await;
            let mut again = Vec::new();
            for (path, field) in open {
                if let Err(said) = asking.compare(path, field).await {
                    against.push(said);
                    again.push((path, field));
                }
            }
            open = again;
        }
        assert!(open.is_empty(), "{open:?} in none of {TRIALS} trials: {against:#?}");
    })
    .await;
}
